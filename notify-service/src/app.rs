//! How the service is put together.

use crate::{
    config::Config,
    http,
    jobs::send_due::send_due,
    mail::{Composer, Post},
    metrics, reactions,
    state::App,
    store::MIGRATIONS,
};
use service_kit::{Bus, Clock, Kit, Service};
use std::{sync::Arc, time::Duration};

/// # Errors
/// The database cannot be opened or migrated, or the mail folder cannot be made.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let app = open(config, bus, clock).await?;
    let (kit, sender, wake) = (app.kit.clone(), app.clone(), Arc::clone(&app.new_mail));
    metrics::start();
    let service = Service::new(kit, app, http::routes(), reactions::subscriptions())?;
    let service = service.sample(Arc::new(metrics::sample));
    Ok(service.job("send mails", Duration::from_millis(500), wake, move || send_due(sender.clone())))
}

pub(crate) async fn open(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<App> {
    let kit = Kit::open(config.kit, &MIGRATIONS, bus, clock).await?;
    let post = Post::open(&config.mail.way).await?;
    let composer = Composer::new(config.mail.from, kit.settings.public_url.clone());
    let (composer, post) = (Arc::new(composer), Arc::new(post));
    Ok(App { kit, composer, post, attempts: config.mail.attempts, new_mail: Arc::default() })
}
