//! `user.verification_requested`: the mail to the owner of an address that somebody registered with. What it says, the link
//! or that there is an account already, is asked at the moment it is sent: nothing here can tell the one from the other.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::user::VerificationRequested};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<VerificationRequested>) -> Result<Committed, Error> {
    let account_id = event.data.account_id;
    tell(&app, tx, event, account_id, Content::VerifyEmail).await
}
