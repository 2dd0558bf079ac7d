//! What the handlers share, and how the service is put together.

use crate::{Config, MIGRATIONS, http, jobs, metrics, reactions, stock_watch::StockWatch};
use axum::extract::FromRef;
use service_kit::{Bus, Clock, Kit, Service};
use std::{sync::Arc, time::Duration};

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) reservation_ttl: Duration,
    /// Whose availability may have changed since it was last announced.
    pub(crate) stock_watch: StockWatch,
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
    let app = App { kit: kit.clone(), reservation_ttl: config.reservation_ttl, stock_watch: StockWatch::everything() };
    metrics::start();
    let service = Service::new(kit, app.clone(), http::routes(), reactions::subscriptions())?;
    Ok(jobs::add(service.sample(Arc::new(metrics::sample)), &app))
}
