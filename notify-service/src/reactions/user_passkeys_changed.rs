//! `user.passkeys_changed`: the owner is told that there is one more thing, or one less, that opens the account.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::PasskeysChanged};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<PasskeysChanged>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| {
        let change = event.data.change;
        News::of(event, event.data.account_id, Content::PasskeysChanged { change })
    });
    told(&app, tx, news.collect()).await
}
