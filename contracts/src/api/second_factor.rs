//! What people say to user-service about their second factor, and what it answers: read by the pages too. How a login
//! and a step-up ask for it stands with those, in [`super::account`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answer of `GET /auth/second-factor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SecondFactor)]
pub struct SecondFactorView {
    /// Whether a login asks for a code.
    pub enrolled: bool,
    /// Recovery codes that were not used.
    pub recovery_codes_left: i64,
    /// Passkeys, of which each counts as a second factor too.
    #[serde(default)]
    pub passkeys: i64,
    /// Whether one's role permits nothing without.
    pub required: bool,
}

/// Answer of `POST /auth/second-factor/totp`, once.
// Without `Debug`, as all that follow: it would end up in a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = TotpSecret)]
pub struct TotpSecretView {
    /// For an app that reads no picture.
    pub secret: String,
    /// What a picture for the app says.
    pub url: String,
}

/// Body of `POST /auth/second-factor/totp/confirm`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CodeRequest)]
pub struct CodeBody {
    /// Six digits from the app.
    #[schema(max_length = 20, examples("492039"))]
    pub code: String,
}

/// Answer of `POST /auth/second-factor/totp/confirm` and of `POST /auth/second-factor/recovery-codes`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub struct RecoveryCodesView {
    /// Each works once in place of a code. They are shown this once.
    pub recovery_codes: Vec<String>,
}
