//! `user.email_changed`: told at the address before.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::EmailChanged};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<EmailChanged>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| {
        News::of(event, event.data.account_id, Content::EmailChanged { request_id: event.data.request_id })
    });
    told(&app, tx, news.collect()).await
}
