//! Doors for the fuzzers (`fuzz/`): what reads what an outside provider says.

use super::{
    OutsideError, OutsideSettings,
    claims::{self, Person},
    discovery::Document,
    keys::Keys,
    understood,
};
use service_kit::{Env, Environment};

/// A provider, as an operator names it.
pub struct Provider(OutsideSettings);

/// Who somebody is, as the provider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    /// By which the provider knows them.
    pub subject: String,
    /// Only where it was confirmed.
    pub email: Option<String>,
}

impl Provider {
    /// None where the issuer is no address.
    #[must_use]
    pub fn named(issuer: &str, client_id: &str) -> Option<Self> {
        let variables = [("OIDC_ISSUER", issuer), ("OIDC_CLIENT_ID", client_id), ("OIDC_CLIENT_SECRET", "secret")];
        OutsideSettings::read(&Env::of(variables), Environment::Production).ok()?.map(Self)
    }

    /// The addresses its document names.
    ///
    /// # Errors
    /// It cannot be read, or is not believed.
    pub fn document(&self, text: &[u8]) -> Result<Vec<String>, OutsideError> {
        let document: Document = understood(text)?;
        document.check(&self.0)?;
        let Document { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint, .. } = document;
        let all = [Some(authorization_endpoint), Some(token_endpoint), Some(jwks_uri), userinfo_endpoint];
        Ok(all.into_iter().flatten().map(String::from).collect())
    }

    /// Whom a token is about, which was signed by one of these keys.
    ///
    /// # Errors
    /// The keys cannot be read, or it is not believed.
    pub fn somebody(&self, keys: &[u8], token: &str, nonce: &str, now: i64) -> Result<Somebody, OutsideError> {
        let keys: Keys = understood(keys)?;
        let Person { subject, email, .. } = claims::verify(token, &keys, &self.0, nonce, now)?.into();
        Ok(Somebody { subject, email })
    }
}
