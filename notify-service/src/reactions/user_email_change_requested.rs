//! `user.email_change_requested`: the mail to the new address, whose owner confirms it.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::EmailChangeRequested};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<EmailChangeRequested>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| {
        News::of(event, event.data.account_id, Content::EmailChange { request_id: event.data.request_id })
    });
    told(&app, tx, news.collect()).await
}
