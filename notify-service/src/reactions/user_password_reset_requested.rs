//! `user.password_reset_requested`: the mail with the link to a new password.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::PasswordResetRequested};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<PasswordResetRequested>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| {
        News::of(event, event.data.account_id, Content::PasswordReset { request_id: event.data.request_id })
    });
    told(&app, tx, news.collect()).await
}
