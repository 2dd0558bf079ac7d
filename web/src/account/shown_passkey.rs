//! What a form sends that asked for a passkey.

use crate::upstream::{Refused, UpstreamError};
use contracts::api::passkey::ShowPasskeyBody;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct ShownPasskey {
    #[serde(default)]
    pub(super) token: String,
    /// What the browser gave, as JSON; nothing without scripts.
    #[serde(default)]
    pub(super) credential: String,
}

impl ShownPasskey {
    /// # Errors
    /// There is none: no service need be asked.
    pub(super) fn credential(&self) -> Result<Value, UpstreamError> {
        serde_json::from_str(&self.credential).map_err(|_| {
            UpstreamError::Refused(Refused::ours(
                StatusCode::UNPROCESSABLE_ENTITY,
                "no_passkey",
                &t!("form-no-passkey"),
            ))
        })
    }

    /// # Errors
    /// As [`Self::credential`].
    pub(super) fn body(self) -> Result<ShowPasskeyBody, UpstreamError> {
        Ok(ShowPasskeyBody { credential: self.credential()?, token: self.token })
    }
}
