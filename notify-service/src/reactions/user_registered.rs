//! `user.registered`: nothing to tell; `user.verified` comes with it, and welcomes. From an older version, whose accounts
//! were confirmed after this event: the mail that asks for it.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::user::Registered};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<Registered>) -> Result<Committed, Error> {
    if event.data.confirmed {
        return Ok(tx.commit().await?);
    }
    let account_id = event.data.account_id;
    tell(&app, tx, event, account_id, Content::VerifyEmail).await
}
