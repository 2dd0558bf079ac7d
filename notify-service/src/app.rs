//! What the handlers share, and how the service is put together.

use crate::{
    Config, MIGRATIONS, http, jobs,
    mail::{Composer, Post},
    metrics, reactions,
};
use axum::extract::FromRef;
use service_kit::{Bus, Clock, Kit, Service};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) composer: Arc<Composer>,
    pub(crate) post: Arc<Post>,
    /// After so many attempts a mail is given up.
    pub(crate) attempts: i32,
    /// Wakes the job that sends.
    pub(crate) new_mail: Arc<Notify>,
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}

/// # Errors
/// The database cannot be opened or migrated, or the mail folder cannot be made.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let kit = Kit::open(config.kit, &MIGRATIONS, bus, clock).await?;
    let post = Post::open(&config.mail.way).await?;
    let composer = Composer::new(config.mail.from, kit.settings.public_url.clone());
    let app = App {
        kit: kit.clone(),
        composer: Arc::new(composer),
        post: Arc::new(post),
        attempts: config.mail.attempts,
        new_mail: Arc::default(),
    };
    let (sender, wake) = (app.clone(), Arc::clone(&app.new_mail));
    metrics::start();
    let service = Service::new(kit, app, http::routes(), reactions::subscriptions())?;
    let service = service.sample(Arc::new(metrics::sample));
    Ok(service.job("send mails", Duration::from_millis(500), wake, move || jobs::send_due(sender.clone())))
}
