//! What services ask user-service: where people are reached, what was revoked, what an API key is worth.

use crate::{AccountId, EventId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;
use uuid::Uuid;

/// Answer of `GET /internal/accounts/{id}/contact`. Personal data: never stored by the asker, never logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// Who was asked for.
    pub account_id: AccountId,
    /// An address of RFC 5321, ASCII before the `@`, the domain as the DNS knows it.
    pub email: String,
    /// Empty for a registration, which is no account yet, and for a guest, whom nobody has vouched for.
    pub first_name: String,
    /// As with `first_name`.
    pub last_name: String,
    /// Of a guest who has joined no account: where the owner of the mailbox has their orders put into theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join_url: Option<String>,
}

/// Body of `POST /internal/contacts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactsRequest {
    /// Who is asked for.
    #[schema(min_items = 1, max_items = 256)]
    pub account_ids: Vec<AccountId>,
}

/// Its answer, in no particular order. Personal data: never stored by the asker, never logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contacts {
    /// Where people are reached.
    pub contacts: Vec<Contact>,
    /// Those who have no account, or none any more.
    pub unknown: Vec<AccountId>,
}

/// Body of `POST /internal/mailboxes/match`: whether a customer is reached at an address that somebody names.
// Without `Debug`: it would end up in a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailboxMatchRequest {
    /// The account, or the guest.
    pub account_id: AccountId,
    /// As somebody typed it.
    pub email: String,
}

/// Its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailboxMatch {
    /// Whether they are.
    pub matches: bool,
}

/// Body of `POST /internal/accounts/{id}/verification-link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationLinkRequest {
    /// The event that asked for the mail. The same event always gives the same link.
    pub event_id: EventId,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerificationLink {
    /// Where the person confirms the address; holds a one-time token.
    pub url: String,
    /// For how many hours from the request it works.
    pub valid_hours: i64,
}

/// Body of `POST /internal/registrations/{id}/mail`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationMailRequest {
    /// The event that asked for the mail. The same event always gives the same link.
    pub event_id: EventId,
}

/// Its answer: whom to write to, and with which link. No name: what somebody registered with is not written to an
/// address that is not confirmed. Personal data: never stored by the asker, never logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegistrationMail {
    /// Where the mail goes.
    pub email: String,
    /// None when the address has an account: its owner is told that somebody registered with it.
    pub link: Option<VerificationLink>,
}

/// Answer of `POST /internal/account-requests/{id}/mail`. Personal data: never stored by the asker, never logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountMail {
    /// Where the link goes; of an address that was changed, the one before.
    pub email: String,
    /// None where a mail names nobody: the address is not confirmed.
    pub first_name: Option<String>,
    /// None once it was used, or has expired, or where another account has the address.
    pub link: Option<VerificationLink>,
    /// Whether another account has the address that was asked for.
    pub taken: bool,
}

/// Answer of `GET /internal/revocations`: sessions and API keys of which tokens are out that must not be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Revocations {
    /// When it was asked, by the clock of user-service: what the next question goes on from.
    #[serde(with = "time::serde::rfc3339")]
    pub asked_at: OffsetDateTime,
    /// How old a revocation can be that still matters: no token lives longer.
    pub kept_seconds: i64,
    /// In no particular order; some perhaps again.
    pub revoked: Vec<Revocation>,
}

impl Revocations {
    /// How long a revocation matters.
    #[must_use]
    pub const fn kept_for(&self) -> Duration {
        Duration::seconds(self.kept_seconds)
    }
}

/// Tokens that are good no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Revocation {
    /// The session, or the API key: a token's `sid`.
    pub id: Uuid,
    /// Tokens of lower generations are refused.
    pub least_generation: i32,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// Body of `POST /internal/api-keys/exchange`.
// Without `Debug`: it would end up in a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRequest {
    /// An API key as a machine sent it.
    pub key: String,
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Exchanged {
    /// An access token that speaks for the key.
    pub token: String,
}

/// Body of `POST /internal/exports/{id}/pieces`: some of what a service keeps of the person whose export it is. Personal data:
/// never logged.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportPiece {
    /// Pieces of a service are numbered from 0; one that is handed over again takes the place of the one before.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub number: i32,
    /// What they are, e.g. `orders`: pieces of one kind follow each other.
    #[schema(min_length = 1, max_length = 50, pattern = "^[a-z_]+$")]
    pub kind: String,
    /// Each an object.
    #[schema(value_type = Vec<Object>, max_items = 100)]
    pub items: Vec<Value>,
    /// The service has no more.
    pub last: bool,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PieceTaken {
    /// False where nobody waits for it any more: the account is gone, or the export too old.
    pub wanted: bool,
}

/// An account, as staff see it. Personal data: never logged.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// Whose.
    pub id: AccountId,
    /// Their first name.
    pub first_name: String,
    /// Their last name.
    pub last_name: String,
    /// Where mail reaches them.
    pub email: String,
    /// As they typed it.
    pub phone: Option<String>,
    /// Its role's name.
    pub role: String,
    /// Since then nobody gets in with it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub suspended_at: Option<OffsetDateTime>,
    /// When it was confirmed.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}
