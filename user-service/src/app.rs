//! What the handlers share, and how the service is put together.

use crate::{
    Config, MIGRATIONS, http, jobs, metrics,
    passwords::Passwords,
    reactions, store,
    throttle::{Limit, Throttle},
};
use axum::extract::FromRef;
use service_kit::{Bus, Clock, Kit, Service};
use std::{num::NonZeroU32, sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Mails that anybody can have sent to an account's owner: five at once, then one per five minutes.
const MAILS: Limit = Limit { attempts: NonZeroU32::MIN.saturating_add(4), recovery: Duration::from_secs(300) };

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) passwords: Passwords,
    /// Failed logins, by the address they were tried with.
    pub(crate) logins: Throttle,
    /// Verification and repeated-registration mails, by account.
    pub(crate) mails: Throttle,
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
    let app = App {
        kit: kit.clone(),
        passwords,
        logins: Throttle::new(config.failed_logins),
        mails: Throttle::new(MAILS),
        link_key: Arc::new(link_key),
    };
    metrics::start();
    let never_woken = Arc::new(Notify::new());
    let (attempts, links) = (app.clone(), app.clone());
    let service = Service::new(kit, app, http::routes(), reactions::subscriptions())?
        .job("forget failed attempts", Duration::from_secs(60), Arc::clone(&never_woken), move || {
            jobs::forget_attempts::run(&attempts)
        })
        .job("forget expired links", Duration::from_secs(3600), never_woken, move || {
            jobs::forget_links::run(links.clone())
        });
    Ok(service)
}
