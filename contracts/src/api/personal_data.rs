//! What people say to user-service about all that is kept of them, and what it answers: a copy, or that it is erased.

use crate::{AccountId, ErasureId, ExportId, ServiceName};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// How far one service has come, with an erasure or an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ServiceProgress)]
pub struct ProgressView {
    /// Which.
    pub service: ServiceName,
    /// When it had done its part; null until then.
    #[serde(with = "time::serde::rfc3339::option")]
    pub done_at: Option<OffsetDateTime>,
}

/// Where an erasure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureStatus {
    /// It has not begun: the account can be kept.
    Waiting,
    /// The account was kept.
    Kept,
    /// The account is gone; not every service has sent its receipt.
    Erasing,
    /// Nothing is left of the person anywhere.
    Done,
}

/// The erasure of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Erasure)]
pub struct ErasureView {
    /// The erasure.
    pub id: ErasureId,
    /// What becomes of it.
    pub account_id: AccountId,
    /// Where it stands.
    pub status: ErasureStatus,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub asked_at: OffsetDateTime,
    /// When it begins; until then the account can be kept.
    #[serde(with = "time::serde::rfc3339")]
    pub due_at: OffsetDateTime,
    /// How far each service is; user-service erases first.
    pub services: Vec<ProgressView>,
}

/// Answer of `POST /auth/erasure`.
// Without `Debug`, as what follows with a token: it would end up in a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ErasureAnswer)]
pub struct ErasureAskedView {
    /// As it stands.
    pub erasure: ErasureView,
    /// Asks how far it is when there is no account any more; also in the mail.
    pub token: String,
}

/// Body of `POST /auth/erasure/progress` and `POST /auth/erasure/keep`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ErasureTokenRequest)]
pub struct ErasureTokenBody {
    /// From the answer, or from the link in the mail.
    pub token: String,
}

/// A copy of all that is kept of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Export)]
pub struct ExportView {
    /// The export.
    pub id: ExportId,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub asked_at: OffsetDateTime,
    /// When all parts were there; null until then.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ready_at: Option<OffsetDateTime>,
    /// When it is deleted.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// How far each service is.
    pub services: Vec<ProgressView>,
    /// Where it is fetched, by whoever has the link; null until it is ready. Ask again for another.
    pub url: Option<String>,
    /// Until when that link works.
    #[serde(with = "time::serde::rfc3339::option")]
    pub url_expires_at: Option<OffsetDateTime>,
}
