//! What the pages are told.

use crate::{cookies::CookieKey, shop_name::ShopName, words::Language};
use contracts::ServiceName;
use service_kit::{Directory, Env, Environment, Variable, config};
use std::collections::BTreeMap;
use url::{Host, Url};

#[derive(Clone, Debug)]
pub struct Settings {
    /// In development the start page shows what only developers reach.
    pub environment: Environment,
    /// What people know it by.
    pub shop_name: ShopName,
    /// Where people reach the platform; part of the lines to copy.
    pub public_url: Url,
    /// Whether `/flow` is there.
    pub flow: bool,
    /// Where the services are.
    pub directory: Directory,
    /// Their own addresses as configured, for what `/flow` asks each of them.
    pub services: BTreeMap<ServiceName, Url>,
    /// Where a browser finds the services' own pages; shown in development.
    pub documentation: Vec<Documentation>,
    /// What people know the outside provider by that they may log in with.
    pub provider: Option<String>,
    /// Whether browsers could have passkeys for the shop: not where it is reached by an IP address.
    pub passkeys: bool,
    /// What the shop is written in for who asks for no language that it is written in.
    pub language: Language,
    /// What the browsers' cookies are encrypted with.
    pub cookie_key: CookieKey,
}

/// A service's own address as a browser on this machine reaches it.
#[derive(Clone, Debug)]
pub struct Documentation {
    pub service: ServiceName,
    pub url: Url,
}

impl Settings {
    /// What only the pages read.
    pub const VARIABLES: &[Variable] = &[
        Variable::new(
            &["WEB_COOKIE_KEY"],
            "`web`, `ecom up`",
            "random, per process",
            "what the pages' cookies are encrypted with: 32 random bytes in base64, as `openssl rand -base64 32` \
             prints them. All replicas need the same one; another one, or a restart without one, logs everybody out \
             of the pages",
        ),
        Variable::new(
            &["WEB_LANGUAGE"],
            "`web`, `ecom up`",
            "en",
            "the language of the shop's pages, `en` or `de`, for who chose none and whose browser asks for neither; \
             search engines see this one",
        ),
        Variable::new(
            &[
                "USER_SERVICE_PORT",
                "PRODUCT_SERVICE_PORT",
                "ORDER_SERVICE_PORT",
                "PAYMENT_SERVICE_PORT",
                "NOTIFY_SERVICE_PORT",
            ],
            "`web`",
            "8081 … 8085",
            "published ports, for the start page's links in development",
        ),
    ];

    /// # Errors
    /// A variable is wrong, or no HTTP client can be made.
    pub fn read(env: &Env) -> anyhow::Result<Self> {
        let url = |name: &str, default: &str| env.url(name, &["http", "https"], default);
        let public_url = config::public_url(env)?;
        let (mut documentation, mut services) = (Vec::new(), BTreeMap::new());
        for service in ServiceName::ALL {
            let default = format!("http://127.0.0.1:{}", service.default_port());
            services.insert(service, url(&format!("{}_SERVICE_URL", service.short().to_uppercase()), &default)?);
            // As Compose names the ports it publishes.
            let name = format!("{}_SERVICE_PORT", service.short().to_uppercase());
            let port = env.parsed(&name, "a port number from 1 to 65535")?.unwrap_or(service.default_port());
            documentation.push(Documentation::beside(&public_url, service, port));
        }
        Ok(Self {
            environment: config::environment(env)?,
            shop_name: ShopName::read(env)?,
            passkeys: matches!(public_url.host(), Some(Host::Domain(_))),
            public_url,
            flow: config::flow(env)?,
            directory: Directory::read(env)?,
            services,
            documentation,
            provider: env.text("OIDC_NAME")?,
            language: Language::read(env)?,
            cookie_key: CookieKey::read(env)?,
        })
    }

    /// What [`crate::arrived`] tells all pages.
    pub fn said_everywhere(&self) -> (ShopName, Language) {
        (self.shop_name.clone(), self.language)
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
