//! `user.registration_repeated`, of older versions: the owner of an address learns what the one who registered does not.

use crate::{
    changes::tell::{News, tell},
    domain::Content,
    error::Error,
    state::App,
};
use contracts::{Event, events::user::RegistrationRepeated};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<RegistrationRepeated>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.account_id, Content::RegistrationRepeated));
    tell(&app, &mut tx, news.collect()).await?;
    Ok(tx.commit().await?)
}
