//! Asking for the mail of a registration: the event that notify-service mails for, and the link the mail will carry.

use crate::{Error, app::App, domain::LinkToken, store::registration_links};
use contracts::{AccountId, events::user::VerificationRequested};
use service_kit::Tx;
use time::{Duration, OffsetDateTime};

/// So long a registration waits for the owner of the address, and its mailed link works.
pub(crate) const VALID: Duration = Duration::hours(24);

/// Announces, as the `version`-th change of the registration, that its mail is due.
pub(crate) async fn ask(
    app: &App,
    tx: &mut Tx,
    registration: AccountId,
    version: i64,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    let event_id = app.kit.announce(
        tx,
        &service_kit::Cause::current(),
        version,
        VerificationRequested { account_id: registration },
    )?;
    let token = LinkToken::derive(&app.link_key, event_id);
    Ok(registration_links::insert(tx, event_id, registration, &token.hash(), expires_at).await?)
}
