//! `user.registered`: nothing to tell; `user.verified` comes with it, and welcomes. From an older version, whose accounts
//! were confirmed after this event: the mail that asks for it.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::Registered};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<Registered>>) -> Result<Committed, Error> {
    let unconfirmed = events.iter().filter(|event| !event.data.confirmed);
    let news = unconfirmed.map(|event| News::of(event, event.data.account_id, Content::VerifyEmail));
    told(&app, tx, news.collect()).await
}
