//! What handlers, reactions and jobs share, and how the service is put together.

use crate::{Config, MIGRATIONS, http, jobs, metrics, provider::Provider, reactions};
use axum::extract::FromRef;
use service_kit::{Bus, Clock, Kit, Service};
use std::sync::Arc;
use time::Duration;
use tokio::sync::Notify;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) provider: Provider,
    /// After so long a claimed payment or refund is worked again: its worker must have died.
    pub(crate) lease: Duration,
    /// From the order's placing until its payment is given up.
    pub(crate) give_up: Duration,
    /// Wakes the workers that settle payments.
    pub(crate) payments_due: Arc<Notify>,
    /// Wakes the workers that refund.
    pub(crate) refunds_due: Arc<Notify>,
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
    let provider = Provider::http(&config.provider_url, config.provider_deadline)?;
    // One piece of work is two calls at the most: to ask, and to charge when there is no such charge.
    let lease = Duration::try_from(config.provider_deadline * 2)? + Duration::seconds(10);
    let app = App {
        kit: kit.clone(),
        provider,
        lease,
        give_up: config.give_up.try_into()?,
        payments_due: Arc::default(),
        refunds_due: Arc::default(),
    };
    metrics::start();
    let service = Service::new(kit, app.clone(), http::routes(), reactions::subscriptions())?;
    Ok(jobs::add(service.sample(Arc::new(metrics::sample)), &app))
}
