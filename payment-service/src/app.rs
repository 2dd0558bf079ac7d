//! How the service is put together.

use crate::{
    at_hand::AtHand, config::Config, http, jobs, metrics, personal_data::PERSONAL_DATA, provider::Provider, reactions,
    state::App, store::MIGRATIONS,
};
use contracts::events::payment::PersonErased;
use service_kit::{Bus, Clock, Kit, Service};
use std::sync::Arc;
use time::Duration;

/// # Errors
/// The database cannot be opened or migrated.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let kit = Kit::open(config.kit, &MIGRATIONS, bus, clock).await?;
    let provider = Provider::http(&config.provider_url, config.provider_deadline)?;
    // One piece of work is two calls at the most: to ask, and to charge when there is no such charge.
    let lease = Duration::try_from(config.provider_deadline * 2)? + Duration::seconds(10);
    let payments_due = Arc::default();
    let app = App {
        kit: kit.clone(),
        provider,
        lease,
        give_up: config.give_up.try_into()?,
        at_hand: AtHand::new(Arc::clone(&payments_due)),
        payments_due,
        refunds_due: Arc::default(),
    };
    metrics::start();
    let service = Service::new(kit, app.clone(), http::routes(), reactions::subscriptions())?;
    let receipt = |account_id, rows| PersonErased { account_id, rows };
    let service = service.knows_people(app.clone(), PERSONAL_DATA, receipt);
    Ok(jobs::add(service.sample(Arc::new(metrics::sample)), &app))
}
