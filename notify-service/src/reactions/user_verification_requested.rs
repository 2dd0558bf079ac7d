//! `user.verification_requested`: the mail to the owner of an address that somebody registered with. What it says, the link
//! or that there is an account already, is asked at the moment it is sent: nothing here can tell the one from the other.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::user::VerificationRequested};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<VerificationRequested>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.account_id, Content::VerifyEmail));
    told(&app, tx, news.collect()).await
}
