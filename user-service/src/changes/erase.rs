//! An account is erased: asked for, kept after all, or carried out. user-service comes first; the other services follow by
//! `user.erased` and send their receipts.

use super::{
    addresses::Addresses,
    end_sessions,
    staff::{self, By},
};
use crate::{
    Error,
    domain::{Guest, LinkToken},
    error::GuestError,
    state::App,
    store::{
        accounts,
        erasures::{self, Erasure},
        guests,
    },
};
use contracts::{
    AccountId, ServiceName,
    events::user::{Erased, ErasureRequested},
};
use service_kit::{Cause, Tx, audit::Entry};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// The last administrator's erasure waits for another one to be made, and is tried again.
const TRY_AGAIN: Duration = Duration::days(1);
/// An account whose address is changed in this very moment is erased a moment later.
const CHANGED: Duration = Duration::seconds(10);

/// Somebody wants an account erased; one that is to be erased already stays due when it was.
///
/// # Errors
/// There is no such account, or it is the last administrator's.
pub(crate) async fn ask(app: &App, tx: &mut Tx, account_id: AccountId, entry: Entry) -> Result<Erasure, Error> {
    let account = accounts::lock(tx, account_id).await?.ok_or(Error::NoSuchAccount)?;
    if let Some(asked) = erasures::find_of(tx, account_id).await? {
        return Ok(asked);
    }
    if account.is_administrator() {
        staff::another_administrator(tx, account_id).await?;
    }
    let now = app.kit.clock.now();
    let (id, due_at) = (app.kit.clock.new_id(), now + app.erase_after);
    let erasure = Erasure { id, account_id, asked_at: now, due_at, kept_at: None, erased_at: None };
    erasures::insert(tx, &erasure, &token(app, &erasure).hash()).await?;
    let version = accounts::next_version(tx, account_id).await?;
    app.kit.announce(tx, &Cause::current(), version, ErasureRequested { account_id, erasure_id: id })?;
    app.kit.audit(tx, entry.on(account_id));
    tx.wake_after_commit(&app.erasing);
    tracing::info!(account.id = %account_id, erasure.id = %id, "an account is to be erased");
    Ok(erasure)
}

/// The same by staff, who may not do more than whom they erase. A guest, who could not keep anything, is erased at once.
///
/// # Errors
/// As [`ask`], and [`Error::BeyondOwn`]; a guest's things are an account's.
pub(crate) async fn ask_by(app: &App, tx: &mut Tx, account_id: AccountId, by: By) -> Result<Erasure, Error> {
    if let Some(found) = guests::lock(tx, account_id).await? {
        return guest(app, tx, &found, by.entry("guest.erased")).await;
    }
    match staff::theirs(tx, by, account_id).await {
        // It is gone already: the second click is told how far it is.
        Err(Error::NoSuchAccount) => erasures::find_of(tx, account_id).await?.ok_or(Error::NoSuchAccount),
        theirs => {
            theirs?;
            ask(app, tx, account_id, by.entry("account.erasure_requested")).await
        }
    }
}

/// A guest, who is locked, is erased as an account is, and what has not left goes nowhere.
///
/// # Errors
/// They have joined an account, which is erased by its own way.
pub(super) async fn guest(app: &App, tx: &mut Tx, guest: &Guest, entry: Entry) -> Result<Erasure, Error> {
    if guest.account_id.is_some() {
        return Err(GuestError::Joined.into());
    }
    let (account_id, now) = (guest.id, app.kit.clock.now());
    let id = app.kit.clock.new_id();
    let erasure = Erasure { id, account_id, asked_at: now, due_at: now, kept_at: None, erased_at: Some(now) };
    erasures::insert(tx, &erasure, &token(app, &erasure).hash()).await?;
    erasures::carried_out(tx, id, now).await?;
    let version = guests::next_version(tx, account_id).await?;
    guests::delete(tx, &[account_id.uuid()]).await?;
    end_sessions::revoke(app, tx, account_id.uuid(), i32::MAX);
    app.kit.announce(tx, &Cause::current(), version, Erased { account_id, also: Vec::new() })?;
    app.kit.audit(tx, entry.on(account_id));
    tracing::info!(guest.id = %account_id, erasure.id = %id, "a guest was erased");
    Ok(erasure)
}

/// By which the account is kept and the progress seen, also without an account.
pub(crate) fn token(app: &App, erasure: &Erasure) -> LinkToken {
    LinkToken::derive(&app.link_key, erasure.id)
}

/// The erasure of a mailed link.
///
/// # Errors
/// It is none.
pub(crate) async fn follow(connection: &mut PgConnection, token: &str) -> Result<Erasure, Error> {
    let found = erasures::find_by_token(connection, &LinkToken::given(token).hash()).await?;
    found.ok_or(Error::UnknownLink)
}

/// The account is kept; once more changes nothing.
///
/// # Errors
/// It is too late.
pub(crate) async fn keep(app: &App, tx: &mut Tx, erasure: &Erasure, entry: Entry) -> Result<(), Error> {
    if erasures::keep(tx, erasure.id, app.kit.clock.now()).await? {
        app.kit.audit(tx, entry.on(erasure.account_id));
        tracing::info!(account.id = %erasure.account_id, "an account is kept");
        return Ok(());
    }
    let now = erasures::find(tx, erasure.id).await?;
    if now.is_some_and(|erasure| erasure.kept_at.is_some()) { Ok(()) } else { Err(Error::ErasureBegun) }
}

/// The same by staff, who may not do more than whose account it is: else it would never be erased.
///
/// # Errors
/// As [`keep`], and [`Error::BeyondOwn`].
pub(crate) async fn keep_by(app: &App, tx: &mut Tx, erasure: &Erasure, by: By) -> Result<(), Error> {
    // Not locked: whoever carries it out has the erasure first, and then the account.
    if let Some(account) = accounts::find(tx, erasure.account_id).await? {
        by.covers(account.permissions_in(true))?;
    }
    keep(app, tx, erasure, by.entry("account.kept")).await
}

/// Carries out an erasure that is due, and locked.
pub(crate) async fn carry_out(app: &App, tx: &mut Tx, erasure: &Erasure) -> Result<(), Error> {
    let (account_id, now) = (erasure.account_id, app.kit.clock.now());
    let key = accounts::find(tx, account_id).await?.ok_or(Error::NoSuchAccount)?.person.email_key;
    // Addresses are locked before accounts, by everybody. What is registered with it from now on is somebody else's.
    Addresses::lock(tx, std::slice::from_ref(&key)).await?;
    let account = accounts::lock(tx, account_id).await?.filter(|account| account.person.email_key == key);
    let Some(account) = account else { return Ok(erasures::put_off(tx, erasure.id, now + CHANGED).await?) };
    if account.is_administrator() {
        match staff::another_administrator(tx, account_id).await {
            Err(Error::LastAdministrator) => {
                tracing::warn!(account.id = %account_id, "the last administrator is not erased: make another one first");
                return Ok(erasures::put_off(tx, erasure.id, now + TRY_AGAIN).await?);
            }
            there_is_one => there_is_one?,
        }
    }
    let guests = guests::of_account(tx, account_id, &key).await?;
    for guest in &guests {
        end_sessions::revoke(app, tx, *guest, i32::MAX);
    }
    guests::delete(tx, &guests).await?;
    let also = [erasures::other_ids(tx, account_id, &key).await?, guests].concat();
    end_sessions::all_but(app, tx, account_id, None).await?;
    let version = accounts::next_version(tx, account_id).await?;
    erasures::delete_account(tx, account_id, &also).await?;
    erasures::carried_out(tx, erasure.id, now).await?;
    app.kit.announce(tx, &Cause::current(), version, Erased { account_id, also })?;
    app.kit.audit(tx, Entry::of_service("account.erased").on(account_id));
    tracing::info!(account.id = %account_id, erasure.id = %erasure.id, "an account was erased");
    Ok(())
}

/// When each of the others had erased its part, where it has.
pub(crate) async fn receipts(
    connection: &mut PgConnection,
    erasure: &Erasure,
) -> Result<Vec<(ServiceName, Option<OffsetDateTime>)>, Error> {
    let came = erasures::receipts(connection, erasure.account_id).await?;
    let at = |service: ServiceName| match service {
        ServiceName::User => erasure.erased_at,
        other => came.iter().find(|(name, _)| name == other.as_str()).map(|(_, at)| *at),
    };
    Ok(ServiceName::ALL.into_iter().map(|service| (service, at(service))).collect())
}
