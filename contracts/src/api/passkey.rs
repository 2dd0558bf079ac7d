//! What people say to user-service about their passkeys (WebAuthn), and what it answers: read by the pages too. What a browser
//! is asked, and what it answers, is as Web Authentication 3 writes it in JSON; nobody between browser and user-service reads it.

use crate::PasskeyId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Of `GET /auth/passkeys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Passkey)]
pub struct PasskeyView {
    /// What it is renamed and removed by.
    pub id: PasskeyId,
    /// What its owner calls it.
    #[schema(examples("My phone"))]
    pub name: String,
    /// When it was added.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was shown last.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_used_at: Option<OffsetDateTime>,
}

/// What a browser is asked: answer of the routes that begin something with a passkey.
// Without `Debug`, as all that follow with a token: it would end up in a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PasskeyQuestion)]
pub struct PasskeyQuestionView {
    /// Goes with the answer, once and within five minutes.
    pub token: String,
    /// For `navigator.credentials.create` or `.get`, as `publicKey`: what `PublicKeyCredential.parseCreationOptionsFromJSON` or
    /// `.parseRequestOptionsFromJSON` reads.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// Body of `POST /auth/passkeys`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddPasskeyRequest)]
pub struct AddPasskeyBody {
    /// Of the question.
    #[schema(max_length = 100)]
    pub token: String,
    /// What the browser gave, as `toJSON` writes it.
    #[schema(value_type = Object)]
    pub credential: Value,
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 100, examples("My phone"))]
    pub name: String,
}

/// Body of `PATCH /auth/passkeys/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RenamePasskeyRequest)]
pub struct RenamePasskeyBody {
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
}

/// A passkey that is shown: body of `POST /auth/login/passkey`, which is answered as a login is, and of
/// `POST /auth/step-up/passkey`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ShowPasskeyRequest)]
pub struct ShowPasskeyBody {
    /// Of the question.
    #[schema(max_length = 100)]
    pub token: String,
    /// What the browser gave, as `toJSON` writes it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// Body of `POST /auth/login/second-factor/passkey/begin`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TicketRequest)]
pub struct TicketBody {
    /// From the problem `second_factor_required` that the password was answered with.
    #[schema(max_length = 100)]
    pub ticket: String,
}

/// Body of `POST /auth/login/second-factor/passkey`, which is answered as a login is.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LoginSecondPasskeyRequest)]
pub struct SecondPasskeyBody {
    /// From the problem `second_factor_required` that the password was answered with.
    #[schema(max_length = 100)]
    pub ticket: String,
    /// Of the question.
    #[schema(max_length = 100)]
    pub token: String,
    /// What the browser gave, as `toJSON` writes it.
    #[schema(value_type = Object)]
    pub credential: Value,
}
