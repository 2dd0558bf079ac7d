//! The issuer's own document (OpenID Connect Discovery 1.0): where what is.

use super::{OutsideError, OutsideSettings};
use serde::Deserialize;
use url::Url;

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Document {
    issuer: String,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) jwks_uri: Url,
    pub(super) userinfo_endpoint: Option<Url>,
}

/// Where it lies.
pub(super) fn address(issuer: &str) -> Result<Url, OutsideError> {
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    Url::parse(&address).map_err(|_| OutsideError::Untrue("its issuer is no URL"))
}

impl Document {
    /// # Errors
    /// It is another issuer's, or sends secrets over a line that others read.
    pub(super) fn check(&self, settings: &OutsideSettings) -> Result<(), OutsideError> {
        // To the letter (Discovery, 4.3): a document that names another issuer would make that one's tokens count.
        if self.issuer != settings.issuer {
            return Err(OutsideError::Untrue("its document names another issuer"));
        }
        let endpoints = [Some(&self.authorization_endpoint), Some(&self.token_endpoint), Some(&self.jwks_uri)];
        let all = endpoints.into_iter().chain([self.userinfo_endpoint.as_ref()]).flatten();
        if all.into_iter().any(|url| !settings.takes(url)) {
            return Err(OutsideError::Untrue("its document names an address without TLS"));
        }
        Ok(())
    }
}
