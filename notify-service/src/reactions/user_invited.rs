//! `user.invited`: the mail with the invitation. There is no account yet: the message is filed under the invitation.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::Invited};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<Invited>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| {
        News::of(event, event.data.request_id.uuid().into(), Content::Invitation { request_id: event.data.request_id })
    });
    told(&app, tx, news.collect()).await
}
