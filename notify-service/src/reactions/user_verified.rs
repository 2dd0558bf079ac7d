//! `user.verified`: welcome.

use crate::{
    changes::tell::{News, tell},
    domain::Content,
    error::Error,
    state::App,
};
use contracts::{Event, events::user::Verified};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Verified>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.account_id, Content::Welcome));
    tell(&app, &mut tx, news.collect()).await?;
    Ok(tx.commit().await?)
}
