//! `user.verified`: welcome.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::user::Verified};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<Verified>) -> Result<Committed, Error> {
    let account_id = event.data.account_id;
    tell(&app, tx, event, account_id, Content::Welcome).await
}
