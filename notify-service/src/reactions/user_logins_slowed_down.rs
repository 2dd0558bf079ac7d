//! `user.logins_slowed_down`: the owner is told that somebody tries passwords.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::LoginsSlowedDown};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<LoginsSlowedDown>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.account_id, Content::LoginsSlowedDown));
    told(&app, tx, news.collect()).await
}
