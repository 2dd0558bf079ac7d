//! `user.registered`: the mail with the link that confirms the address.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::user::Registered};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<Registered>) -> Result<Committed, Error> {
    let account_id = event.data.account_id;
    tell(&app, tx, event, account_id, Content::VerifyEmail).await
}
