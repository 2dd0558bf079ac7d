//! What the handlers share, and how the service is put together.

use crate::{Config, MIGRATIONS, http, passwords::Passwords, reactions, store};
use axum::extract::FromRef;
use service_kit::{Bus, Clock, Kit, Service};
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) passwords: Passwords,
    /// Signs the one-time tokens of mailed links.
    pub(crate) link_key: Arc<aws_lc_rs::hmac::Key>,
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}

/// # Errors
/// The database cannot be opened or migrated.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let kit = Kit::open(config.kit, &MIGRATIONS, bus, clock).await?;
    let link_key = store::secrets::link_key(&kit).await?;
    let passwords = Passwords::new(config.bcrypt_cost);
    let app = App { kit: kit.clone(), passwords, link_key: Arc::new(link_key) };
    Service::new(kit, app, http::routes(), reactions::subscriptions())
}
