//! Where Consul is, by the names its own programs read.

use crate::{ConfigError, Env};
use secrecy::SecretString;
use url::Url;

/// Where Consul is, and how we speak to it.
#[derive(Clone, Debug)]
pub struct ConsulSettings {
    /// Its HTTP API.
    pub address: Url,
    /// An ACL token, where it asks for one.
    pub token: Option<SecretString>,
    /// What other services reach this process by; else the address with which it reaches Consul.
    pub own_address: Option<String>,
}

impl ConsulSettings {
    /// None when Consul is not used.
    ///
    /// # Errors
    /// A variable is wrong.
    pub fn read(env: &Env) -> Result<Option<Self>, ConfigError> {
        const NAME: &str = "CONSUL_HTTP_ADDR";
        let Some(address) = env.text(NAME)? else { return Ok(None) };
        // Consul's own programs take host:port as well.
        let address = if address.contains("://") { address } else { format!("http://{address}") };
        Ok(Some(Self {
            address: env.clone().with(NAME, address).url(NAME, &["http", "https"], "")?,
            token: env.text("CONSUL_HTTP_TOKEN")?.map(Into::into),
            own_address: env.text("SERVICE_ADDRESS")?,
        }))
    }
}
