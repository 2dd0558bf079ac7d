//! `user.verification_requested`: the same mail again, with a link of its own.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::user::VerificationRequested};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<VerificationRequested>) -> Result<Committed, Error> {
    let account_id = event.data.account_id;
    tell(&app, tx, event, account_id, Content::VerifyEmail).await
}
