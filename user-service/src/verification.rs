//! Asking for a verification mail: the event that notify-service mails for, and the link the mail will carry.

use crate::{
    Error,
    app::App,
    domain::LinkToken,
    store::{accounts, verifications},
};
use contracts::{AccountId, events::EventData};
use service_kit::Tx;
use time::Duration;

/// A mailed link works for this long.
pub(crate) const LINK_VALID: Duration = Duration::hours(24);

/// Announces `event`, with a link that confirms the account as it stands in this transaction. The caller holds the
/// account's row.
pub(crate) async fn ask<T: EventData>(app: &App, tx: &mut Tx, account: AccountId, event: T) -> Result<(), Error> {
    let version = accounts::next_version(tx, account).await?;
    let event_id = app.kit.announce(tx, version, event).await?;
    let token = LinkToken::derive(&app.link_key, event_id);
    let expires_at = app.kit.clock.now() + LINK_VALID;
    Ok(verifications::insert(tx, event_id, account, &token.hash(), expires_at).await?)
}
