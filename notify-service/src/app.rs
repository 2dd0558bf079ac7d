//! How the service is put together.

use crate::{
    config::Config,
    http,
    jobs::{claim_mails::claim_mails, send_mails::send_mails},
    mail::{Composer, Post},
    metrics,
    outgoing::Outgoing,
    personal_data::PERSONAL_DATA,
    reactions,
    state::App,
    store::{MIGRATIONS, pruning::MESSAGES},
};
use contracts::events::notification::PersonErased;
use service_kit::{Bus, Clock, Kit, Service};
use std::{sync::Arc, time::Duration};

/// # Errors
/// The database cannot be opened or migrated, or the mail folder cannot be made.
pub async fn build(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<Service> {
    let messages = config.messages_kept;
    let app = open(config, bus, clock).await?;
    let (kit, wake) = (app.kit.clone(), Arc::clone(&app.new_mail));
    let (claimer, sender) = (app.clone(), app.clone());
    metrics::start();
    let service = Service::new(kit, app.clone(), http::routes(), reactions::subscriptions())?;
    let receipt = |account_id, rows| PersonErased { account_id, rows };
    let service = service.sample(Arc::new(metrics::sample)).knows_people(app, PERSONAL_DATA, receipt);
    let claim = move || claim_mails(claimer.clone());
    let mut service = service.job("claim mails", Duration::from_millis(500), wake, claim);
    service.keep("send mails", move |stop| send_mails(sender.clone(), stop));
    Ok(match messages {
        Some(days) => service.prune(MESSAGES, days),
        None => service,
    })
}

pub(crate) async fn open(config: Config, bus: Bus, clock: Clock) -> anyhow::Result<App> {
    let kit = Kit::open(config.kit, &MIGRATIONS, bus, clock).await?;
    let post = Post::open(&config.mail.way).await?;
    let composer = Composer::new(config.mail.from, kit.settings.public_url.clone());
    let (composer, post) = (Arc::new(composer), Arc::new(post));
    let new_mail = Arc::default();
    let outgoing = Outgoing::new(Arc::clone(&new_mail));
    Ok(App { kit, composer, post, attempts: config.mail.attempts, outgoing, new_mail })
}
