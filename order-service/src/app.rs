//! What the handlers share, and how the service is put together.

use crate::{Config, MIGRATIONS, http, jobs, metrics, reactions, store::order_lists};
use axum::extract::FromRef;
use service_kit::{Bus, Clock, Kit, Service};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) payment_deadline: Duration,
    pub(crate) open_orders: i64,
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
    let pool = kit.database.pool().clone();
    kit.flow.find_by_number(move |number| {
        let pool = pool.clone();
        async move { order_lists::id_of(&mut *pool.acquire().await?, number).await }
    });
    let app = App { kit: kit.clone(), payment_deadline: config.payment_deadline, open_orders: config.open_orders };
    metrics::start();
    let service = Service::new(kit, app.clone(), http::routes(), reactions::subscriptions())?;
    let service = service.sample(Arc::new(metrics::sample));
    // Often enough that a short deadline (fault runs) is met, seldom enough to cost nothing.
    let every = (config.payment_deadline / 10).clamp(Duration::from_millis(200), Duration::from_secs(5));
    let never_woken = Arc::new(Notify::new());
    Ok(service.job("cancel unpaid orders", every, never_woken, move || jobs::cancel_unpaid::run(app.clone())))
}
