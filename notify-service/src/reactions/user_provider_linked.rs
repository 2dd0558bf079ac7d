//! `user.provider_linked`: the owner is told that another log-in opens the account.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::ProviderLinked};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<ProviderLinked>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| {
        let provider = event.data.provider.clone();
        News::of(event, event.data.account_id, Content::ProviderLinked { provider })
    });
    told(&app, tx, news.collect()).await
}
