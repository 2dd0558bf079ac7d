//! `user.password_changed`: the owner is told, in case it was not them.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::PasswordChanged};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<PasswordChanged>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.account_id, Content::PasswordChanged));
    told(&app, tx, news.collect()).await
}
