//! How the service is put together.

use crate::{config::Config, http, jobs, metrics, reactions, state::App, store};
use service_kit::{Bus, Clock, Kit, Service};
use std::sync::Arc;

/// # Errors
/// The database cannot be opened or migrated.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let kit = Kit::open(config.kit, &store::MIGRATIONS, bus, clock).await?;
    let app = App::new(kit.clone(), config.reservation_ttl);
    metrics::start();
    let service = Service::new(kit, app.clone(), http::routes(), reactions::subscriptions())?;
    Ok(jobs::add(service.sample(Arc::new(metrics::sample)), &app))
}
