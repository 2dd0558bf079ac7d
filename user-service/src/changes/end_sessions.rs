//! Sessions end: by their owner, by staff, or because something happened to the account. Their refresh tokens go with
//! them, and all services are told to accept their access tokens no more.

use crate::{
    Error,
    state::App,
    store::{
        refresh_tokens,
        revocations::{self, Revoked},
        sessions,
    },
};
use contracts::{AccountId, SessionId, api::user::Revocation};
use serde_json::{Value, json};
use service_kit::{
    ClientAddress, Tx,
    audit::Entry,
    auth::{ACCESS_TOKEN_SECONDS, Actor, TOKEN_SKEW_SECONDS},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const BATCH: i64 = 500;

/// Longer than a token can live and clocks can differ: how long a revocation is told.
pub(crate) const TOLD_FOR: Duration = Duration::seconds(ACCESS_TOKEN_SECONDS + 2 * TOKEN_SKEW_SECONDS);

/// All sessions of an account but one; gives how many ended.
pub(crate) async fn all_but(
    app: &App,
    tx: &mut Tx,
    account_id: AccountId,
    kept: Option<SessionId>,
) -> Result<usize, Error> {
    let ids = sessions::others(tx, account_id, kept).await?;
    these(app, tx, account_id, &ids).await
}

/// These of one's own.
pub(crate) async fn by_owner(
    app: &App,
    tx: &mut Tx,
    account_id: AccountId,
    ids: &[Uuid],
    client: ClientAddress,
) -> Result<usize, Error> {
    let ended = these(app, tx, account_id, ids).await?;
    note(app, tx, account_id, ended, client);
    Ok(ended)
}

/// All of one's own but one.
pub(crate) async fn all_but_by_owner(
    app: &App,
    tx: &mut Tx,
    account_id: AccountId,
    kept: Option<SessionId>,
    client: ClientAddress,
) -> Result<usize, Error> {
    let ended = all_but(app, tx, account_id, kept).await?;
    note(app, tx, account_id, ended, client);
    Ok(ended)
}

fn note(app: &App, tx: &mut Tx, account_id: AccountId, ended: usize, client: ClientAddress) {
    if ended > 0 {
        let entry = Entry::new(Actor::Person(account_id), "session.ended").on(account_id).from(client);
        app.kit.audit(tx, entry.changed(Value::Null, json!({ "sessions": ended })));
    }
}

/// These of an account's; gives how many there were.
pub(crate) async fn these(app: &App, tx: &mut Tx, account_id: AccountId, ids: &[Uuid]) -> Result<usize, Error> {
    let ended = sessions::delete(tx, account_id, ids).await?;
    for id in &ended {
        revoke(app, tx, *id, i32::MAX);
    }
    Ok(ended.len())
}

/// What accounts may do has changed: their sessions go on, with new access tokens.
pub(crate) async fn renew(app: &App, tx: &mut Tx, account_ids: &[Uuid]) -> Result<(), Error> {
    for (id, generation) in sessions::renew_generation(tx, account_ids).await? {
        revoke(app, tx, id, generation);
    }
    Ok(())
}

/// Tokens of a session, or a key, below a generation are good no more once the transaction has committed.
pub(crate) fn revoke(app: &App, tx: &mut Tx, id: Uuid, least_generation: i32) {
    let revocation = Revocation { id, least_generation, at: app.kit.clock.now() };
    // Here at once. Should the transaction fail, a token is refused that a refresh replaces.
    app.kit.verifier.revoked(&[revocation]);
    tx.at_commit(Revoked(revocation));
}

/// Some of what was over before `now`; true when there may be more.
pub(crate) async fn forget(tx: &mut Tx, now: OffsetDateTime) -> Result<bool, Error> {
    let over = sessions::delete_expired(tx, now, BATCH).await?;
    let tokens = refresh_tokens::delete_expired(tx, now, BATCH).await?;
    let told = revocations::delete_older(tx, now - TOLD_FOR, BATCH).await?;
    Ok(over.max(tokens).max(told) == BATCH.unsigned_abs())
}
