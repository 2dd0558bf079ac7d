//! How the service is put together: the only file that knows all rooms.

use crate::{
    Config, http, jobs,
    mail_bounds::MailBounds,
    metrics,
    passwords::Passwords,
    reactions,
    state::App,
    store::{MIGRATIONS, secrets},
    throttle::Throttle,
};
use service_kit::{Bus, Clock, Kit, Service};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// # Errors
/// The database cannot be opened or migrated.
pub(crate) async fn open(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<App> {
    let kit = Kit::open(config.kit, &MIGRATIONS, bus, clock).await?;
    let link_key = secrets::link_key(&kit).await?;
    Ok(App {
        kit,
        passwords: Passwords::new(config.bcrypt_cost),
        logins: Throttle::new(config.failed_logins),
        mails: MailBounds::new(config.mails_per_client),
        link_key: Arc::new(link_key),
    })
}

/// # Errors
/// The database cannot be opened or migrated.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let app = open(config, bus, clock).await?;
    jobs::adopt::at_start(&app).await?;
    metrics::start();
    let never_woken = Arc::new(Notify::new());
    let (attempts, ended, older) = (app.clone(), app.clone(), app.clone());
    let service = Service::new(app.kit.clone(), app, http::routes(), reactions::subscriptions())?
        .job("forget failed attempts", Duration::from_secs(60), Arc::clone(&never_woken), move || {
            jobs::forget_attempts::run(&attempts)
        })
        .job("end registrations", Duration::from_secs(60), Arc::clone(&never_woken), move || {
            jobs::end_registrations::run(ended.clone())
        })
        .job("adopt what older versions wrote", Duration::from_secs(60), never_woken, move || {
            jobs::adopt::run(older.clone())
        });
    Ok(service)
}
