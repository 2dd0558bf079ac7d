//! A person gets a copy of all that is kept of them: asked for, put together of the pieces that the services hand over, and
//! fetched by a signed link.

use crate::{
    Error,
    domain::ExportSignature,
    state::App,
    store::{
        accounts,
        exports::{self, Export},
    },
};
use contracts::{
    AccountId, ExportId, ServiceName,
    api::user::ExportPiece,
    events::user::{ExportReady, ExportRequested},
};
use serde_json::Value;
use service_kit::{Cause, Tx, audit::Entry};
use std::collections::BTreeSet;
use time::Duration;

/// So long it is kept.
const KEPT: Duration = Duration::days(7);
/// Somebody who asks again within it is given the same.
const FRESH: Duration = Duration::hours(1);
/// How long a link to it works.
pub(crate) const LINK_VALID: Duration = Duration::hours(1);
/// So much of what somebody did, the newest first, as the audit log tells it.
const ACTIVITIES: i64 = 1000;
const BATCH: i64 = 10;

/// Asks the services for their parts; user-service's own is there at once.
pub(crate) async fn ask(app: &App, tx: &mut Tx, account_id: AccountId, entry: Entry) -> Result<Export, Error> {
    let now = app.kit.clock.now();
    accounts::lock(tx, account_id).await?.ok_or(Error::NoSuchAccount)?;
    let known = exports::list(tx, account_id).await?.into_iter().next();
    let is_enough = |export: &Export| export.expires_at > now && now - export.asked_at < FRESH;
    if let Some(known) = known.filter(is_enough) {
        return Ok(known);
    }
    let (id, expires_at) = (app.kit.clock.new_id(), now + KEPT);
    let export = Export { id, account_id, asked_at: now, ready_at: None, expires_at };
    exports::insert(tx, &export).await?;
    let own = exports::own(tx, account_id, ACTIVITIES).await?;
    let kinds = own.len();
    for (place, (kind, items)) in own.into_iter().enumerate() {
        let (number, last) = (i32::try_from(place).unwrap_or(i32::MAX), place + 1 == kinds);
        let piece = ExportPiece { number, kind: kind.to_owned(), items, last };
        exports::store(tx, id, ServiceName::User, &piece, now).await?;
    }
    let version = accounts::next_version(tx, account_id).await?;
    app.kit.announce(tx, &Cause::current(), version, ExportRequested { account_id, export_id: id })?;
    app.kit.audit(tx, entry.on(account_id));
    tracing::info!(account.id = %account_id, export.id = %id, "somebody wants a copy of their data");
    Ok(export)
}

/// Takes a piece; with the last one of all, its owner is told. False where nobody waits for it any more.
pub(crate) async fn take(
    app: &App,
    tx: &mut Tx,
    id: ExportId,
    service: ServiceName,
    piece: &ExportPiece,
) -> Result<bool, Error> {
    let now = app.kit.clock.now();
    // The account first, as everybody: its next version is needed for the word.
    let Some(export) = exports::find(tx, id).await? else { return Ok(false) };
    if accounts::lock(tx, export.account_id).await?.is_none() {
        return Ok(false);
    }
    let Some(export) = exports::lock(tx, id).await?.filter(|export| export.expires_at > now) else { return Ok(false) };
    exports::store(tx, id, service, piece, now).await?;
    let ended: BTreeSet<_> =
        exports::ended(tx, &[id.uuid()]).await?.into_iter().map(|(_, service, _)| service).collect();
    if export.ready_at.is_none() && ended.len() == ServiceName::ALL.len() {
        exports::ready(tx, id, now).await?;
        let account_id = export.account_id;
        let version = accounts::next_version(tx, account_id).await?;
        app.kit.announce(tx, &Cause::current(), version, ExportReady { account_id, export_id: id })?;
        tracing::info!(account.id = %account_id, export.id = %id, "a copy of somebody's data is ready");
    }
    Ok(true)
}

/// Where it is fetched until some time.
pub(crate) fn link(app: &App, export: &Export) -> (String, time::OffsetDateTime) {
    let until = (app.kit.clock.now() + LINK_VALID).min(export.expires_at);
    let until = until.replace_nanosecond(0).unwrap_or(until);
    let base = app.kit.settings.public_url.as_str().trim_end_matches('/');
    let (id, expires) = (export.id, until.unix_timestamp());
    let signature = ExportSignature::of(&app.link_key, id, expires);
    (format!("{base}/api/auth/exports/{id}/file?expires={expires}&signature={}", signature.as_str()), until)
}

/// The export of a signed link.
///
/// # Errors
/// The link was not made here, or is over; or the export is gone.
pub(crate) async fn follow(
    app: &App,
    connection: &mut sqlx::PgConnection,
    id: ExportId,
    (expires, signature): (i64, &str),
) -> Result<Export, Error> {
    let known = ExportSignature::of(&app.link_key, id, expires).is(signature);
    if !known || expires < app.kit.clock.now().unix_timestamp() {
        return Err(Error::NoSuchExport);
    }
    let export = exports::find(connection, id).await?;
    export.filter(|export| export.ready_at.is_some()).ok_or(Error::NoSuchExport)
}

/// The items of a piece, which is an array.
pub(crate) fn items(stored: &Value) -> &[Value] {
    stored.as_array().map_or(&[], Vec::as_slice)
}

/// Some of what is over; true when there may be more.
pub(crate) async fn forget(app: &App, tx: &mut Tx) -> Result<bool, Error> {
    Ok(exports::delete_expired(tx, app.kit.clock.now(), BATCH).await? == BATCH.unsigned_abs())
}
