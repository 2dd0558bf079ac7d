//! How the service is put together.

use crate::{
    bucket::Bucket, config::Config, http, jobs, metrics, personal_data::PERSONAL_DATA, reactions, state::App, store,
};
use anyhow::Context;
use contracts::events::product::PersonErased;
use service_kit::{Bus, Clock, Kit, Service};
use std::sync::Arc;

/// # Errors
/// The database cannot be opened or migrated, or there can be no client for the bucket.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let kit = Kit::open(config.kit, &store::MIGRATIONS, bus, clock).await?;
    let bucket = config.pictures.as_ref().map(Bucket::open).transpose().context("PICTURES_URL")?;
    let app = App::new(kit.clone(), config.reservation_ttl, bucket);
    metrics::start();
    let service = Service::new(kit, app.clone(), http::routes(), reactions::subscriptions())?;
    let receipt = |account_id, rows| PersonErased { account_id, rows };
    let service = service.knows_people(app.clone(), PERSONAL_DATA, receipt);
    Ok(jobs::add(service.sample(Arc::new(metrics::sample)), &app))
}
