//! What notify-service asks user-service at the moment it sends, and what the pages say to it.

use crate::{AccountId, EventId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answer of `GET /internal/accounts/{id}/contact`. Personal data: never stored by the asker, never logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// Who was asked for.
    pub account_id: AccountId,
    /// An address of RFC 5321, ASCII before the `@`, the domain as the DNS knows it.
    pub email: String,
    /// Empty for a registration, which is no account yet.
    pub first_name: String,
    /// As with `first_name`.
    pub last_name: String,
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

/// Body of `POST /auth/verify-email`.
// Without `Debug`: it would end up in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VerifyRequest)]
pub struct VerifyEmailBody {
    /// From the link in the mail.
    pub token: String,
    /// The one that was registered with. Five wrong ones end the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// In place of `password`, from the owner of the mailbox who does not know it: a password of their own, as when
    /// registering. Nothing of what was registered is kept then but the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 8, max_length = 256)]
    pub new_password: Option<String>,
    /// With `new_password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// With `new_password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = VerifyAnswer)]
pub struct VerifiedView {
    /// A sentence for whoever confirmed it.
    pub message: String,
}
