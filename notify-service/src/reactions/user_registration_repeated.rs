//! `user.registration_repeated`, of older versions: the owner of an address learns what the one who registered does not.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::RegistrationRepeated};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<RegistrationRepeated>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.account_id, Content::RegistrationRepeated));
    told(&app, tx, news.collect()).await
}
