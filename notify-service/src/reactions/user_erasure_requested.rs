//! `user.erasure_requested`: the owner is told when the account will be erased, and how to keep it.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::ErasureRequested};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<ErasureRequested>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| {
        let request_id = event.data.erasure_id.uuid().into();
        News::of(event, event.data.account_id, Content::Erasure { request_id })
    });
    told(&app, tx, news.collect()).await
}
