//! What the pages are told.

use contracts::ServiceName;
use service_kit::{ConfigError, Env, Environment, config};
use url::Url;

#[derive(Clone, Debug)]
pub struct Settings {
    /// In development the start page shows what only developers reach.
    pub environment: Environment,
    /// Where people reach the platform; part of the lines to copy.
    pub public_url: Url,
    pub user_service: Url,
    pub product_service: Url,
    /// Where a browser finds the services' own pages; shown in development.
    pub documentation: Vec<Documentation>,
}

/// A service's own address as a browser on this machine reaches it.
#[derive(Clone, Debug)]
pub struct Documentation {
    pub service: ServiceName,
    pub url: Url,
}

impl Settings {
    /// # Errors
    /// A variable is wrong.
    pub fn read(env: &Env) -> Result<Self, ConfigError> {
        let url = |name: &str, default: &str| env.url(name, &["http", "https"], default);
        let public_url = url("PUBLIC_URL", "http://localhost:8080")?;
        let mut documentation = Vec::new();
        for service in ServiceName::ALL {
            // As Compose names the ports it publishes.
            let name = format!("{}_SERVICE_PORT", service.short().to_uppercase());
            let port = env.parsed(&name, "a port number from 1 to 65535")?.unwrap_or(service.default_port());
            documentation.push(Documentation::beside(&public_url, service, port));
        }
        Ok(Self {
            environment: config::environment(env)?,
            public_url,
            user_service: url("USER_SERVICE_URL", "http://127.0.0.1:8081")?,
            product_service: url("PRODUCT_SERVICE_URL", "http://127.0.0.1:8082")?,
            documentation,
        })
    }
}

impl Documentation {
    /// The service on another port of the front door's machine.
    #[must_use]
    pub fn beside(public_url: &Url, service: ServiceName, port: u16) -> Self {
        let mut url = public_url.clone();
        url.set_path("");
        // Neither fails for a URL with a host, which http has. The services themselves speak plain http.
        let _ = url.set_scheme("http");
        let _ = url.set_port(Some(port));
        Self { service, url }
    }
}
