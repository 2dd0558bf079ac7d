//! What notify-service asks user-service at the moment it sends.

use crate::{AccountId, EventId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answer of `GET /internal/accounts/{id}/contact`. Personal data: never stored by the asker, never logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    pub account_id: AccountId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
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
    pub email: String,
    /// None when the address has an account: its owner is told that somebody registered with it.
    pub link: Option<VerificationLink>,
}
