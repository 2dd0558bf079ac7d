//! `user.registration_repeated`, of older versions: the owner of an address learns what the one who registered does not.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::user::RegistrationRepeated};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<RegistrationRepeated>) -> Result<Committed, Error> {
    let account_id = event.data.account_id;
    tell(&app, tx, event, account_id, Content::RegistrationRepeated).await
}
