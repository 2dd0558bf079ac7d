//! `user.export_ready`: the owner is told that the copy of their data can be fetched.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::ExportReady};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<ExportReady>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.account_id, Content::ExportReady));
    told(&app, tx, news.collect()).await
}
