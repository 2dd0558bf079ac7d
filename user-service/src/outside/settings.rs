//! Which provider, and who we are to it.

use secrecy::SecretString;
use service_kit::{ConfigError, Env, Environment, config, text};
use url::Url;

#[derive(Clone, Debug)]
pub struct OutsideSettings {
    /// To the letter as the provider writes it.
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    /// What people know it by.
    pub(super) name: String,
    /// On this machine, without TLS: for development.
    is_local: bool,
}

impl OutsideSettings {
    /// None where no provider is named.
    ///
    /// # Errors
    /// A variable is wrong, or one lacks another.
    pub(crate) fn read(env: &Env, environment: Environment) -> Result<Option<Self>, ConfigError> {
        let Some(issuer) = env.text("OIDC_ISSUER")? else { return Ok(None) };
        let invalid = |expected: &str| ConfigError::Invalid {
            name: "OIDC_ISSUER".to_owned(),
            value: issuer.clone(),
            expected: expected.to_owned(),
        };
        let url = Url::parse(&issuer).map_err(|_| invalid("a URL such as https://accounts.example.com"))?;
        let is_local = config::is_local(&url) && environment == Environment::Development;
        if url.query().is_some() || url.fragment().is_some() || !(url.scheme() == "https" || is_local) {
            return Err(invalid(
                "an https: URL without query and fragment (in development also http: on this machine)",
            ));
        }
        let with_it = "a text, since OIDC_ISSUER is set";
        let client_id = env.required("OIDC_CLIENT_ID", with_it)?;
        let client_secret = env.required("OIDC_CLIENT_SECRET", with_it)?.into();
        let named =
            env.text("OIDC_NAME")?.unwrap_or_else(|| url.host_str().unwrap_or_default().chars().take(50).collect());
        let name = text::line(&named, 50).map_err(|why| ConfigError::Invalid {
            name: "OIDC_NAME".to_owned(),
            value: named.clone(),
            expected: format!("a line of up to 50 characters ({why})"),
        })?;
        Ok(Some(Self { issuer, client_id, client_secret, name, is_local }))
    }

    /// Whether something may be sent there.
    pub(super) fn takes(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.is_local && config::is_local(url))
    }
}
