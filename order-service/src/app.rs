//! How the service is put together: the only file that knows all rooms.

use crate::{
    config::Config,
    http, jobs, metrics,
    personal_data::PERSONAL_DATA,
    reactions,
    state::App,
    store::{order_lists, withdrawals::WITHDRAWALS},
};
use contracts::events::order::PersonErased;
use service_kit::{Bus, Clock, Kit, Service};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// # Errors
/// The database cannot be opened or migrated.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let kit = Kit::open(config.kit.clone(), &MIGRATIONS, bus, clock).await?;
    let pool = kit.database.pool().clone();
    kit.flow.find_by_number(move |number| {
        let pool = pool.clone();
        async move { order_lists::id_of(&mut *pool.acquire().await?, number).await }
    });
    let (app, withdrawals_kept) = (App::new(kit.clone(), &config), config.withdrawals_kept);
    metrics::start();
    let service = Service::new(kit, app.clone(), http::routes(), reactions::subscriptions())?;
    let receipt = |account_id, rows| PersonErased { account_id, rows };
    let service = service.sample(Arc::new(metrics::sample)).knows_people(app.clone(), PERSONAL_DATA, receipt);
    // Often enough that a short deadline (fault runs) is met, seldom enough to cost nothing.
    let every = (config.payment_deadline / 10).clamp(Duration::from_millis(200), Duration::from_secs(5));
    let (never_woken, cancelling) = (Arc::new(Notify::new()), app.clone());
    let service = service.job("cancel unpaid orders", every, Arc::clone(&never_woken), move || {
        jobs::cancel_unpaid::run(cancelling.clone())
    });
    // What is forgotten counted no longer: this only keeps the table small.
    let every = (config.reservation_ttl / 10).clamp(Duration::from_millis(200), Duration::from_secs(60));
    let forgetting = app.clone();
    let service = service
        .job("forget intents", every, Arc::clone(&never_woken), move || jobs::forget_intents::run(forgetting.clone()));
    let every = (config.payment_deadline / 10).clamp(Duration::from_millis(200), Duration::from_secs(60));
    let counting = app.clone();
    let service =
        service.job("count hours", every, Arc::clone(&never_woken), move || jobs::count_hours::run(counting.clone()));
    let hourly = Duration::from_secs(3600);
    let service = service.job("forget carts", hourly, never_woken, move || jobs::forget_carts::run(app.clone()));
    Ok(match withdrawals_kept {
        Some(days) => service.prune(WITHDRAWALS, days),
        None => service,
    })
}
