//! Asking for the mail of a registration: the event that notify-service mails for, and the link the mail will carry.

use crate::{Error, domain::LinkToken, state::App, store::registration_links::NewLink};
use contracts::{AccountId, events::user::VerificationRequested};
use service_kit::{Cause, Tx};
use time::OffsetDateTime;

/// A mail that is due as the `version`-th change of a registration.
pub(super) struct Mail<'c> {
    pub(super) registration: AccountId,
    pub(super) version: i64,
    pub(super) expires_at: OffsetDateTime,
    pub(super) cause: &'c Cause,
}

pub(super) fn ask(app: &App, tx: &mut Tx, mail: &Mail<'_>) -> Result<(), Error> {
    let Mail { registration, version, expires_at, cause } = *mail;
    let event_id = app.kit.announce(tx, cause, version, VerificationRequested { account_id: registration })?;
    let token_hash = LinkToken::derive(&app.link_key, event_id).hash();
    tx.at_commit(NewLink { event_id, registration_id: registration, token_hash, expires_at });
    Ok(())
}
