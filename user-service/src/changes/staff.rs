//! What staff do to accounts: another role, suspended, restored. Nobody gives what they do not have, nor touches whom may do
//! more than they; and there is always an administrator.

use super::end_sessions;
use crate::{
    Error,
    state::App,
    store::{
        accounts::{self, Account},
        roles, users,
    },
};
use contracts::{AccountId, access::Permissions};
use serde_json::{Value, json};
use service_kit::{ClientAddress, Tx, audit::Entry, auth::Actor};

/// Who does it.
#[derive(Clone, Copy)]
pub(crate) struct By {
    pub(crate) actor: Actor,
    pub(crate) permissions: Permissions,
    pub(crate) client: ClientAddress,
}

impl By {
    pub(crate) fn entry(self, action: &'static str) -> Entry {
        Entry::new(self.actor, action).from(self.client)
    }

    /// # Errors
    /// Somebody may do what whoever does it may not.
    pub(crate) fn covers(self, others: Permissions) -> Result<(), Error> {
        if others.are_among(self.permissions) { Ok(()) } else { Err(Error::BeyondOwn) }
    }
}

/// Another role: what their tokens permit changes within seconds, and their sessions go on.
pub(crate) async fn set_role(app: &App, tx: &mut Tx, by: By, id: AccountId, role: &str) -> Result<(), Error> {
    let role = roles::find(tx, role).await?.ok_or(Error::NoSuchRole)?;
    by.covers(role.permissions)?;
    let account = theirs(tx, by, id).await?;
    if account.is_administrator() && role.name != roles::ADMIN {
        another_administrator(tx, id).await?;
    }
    accounts::set_role(tx, id, &role.name).await?;
    end_sessions::renew(app, tx, &[id.uuid()]).await?;
    let (before, after) = (json!({ "role": account.role }), json!({ "role": role.name }));
    app.kit.audit(tx, by.entry("account.role_given").on(id).changed(before, after));
    Ok(())
}

/// Nobody gets in with it any more, and whoever is in is out within seconds.
pub(crate) async fn suspend(app: &App, tx: &mut Tx, by: By, id: AccountId, reason: &str) -> Result<(), Error> {
    if by.actor == Actor::Person(id) {
        return Err(Error::NotOneself);
    }
    let account = theirs(tx, by, id).await?;
    if account.is_administrator() {
        another_administrator(tx, id).await?;
    }
    accounts::set_suspended(tx, id, Some(app.kit.clock.now())).await?;
    end_sessions::all_but(app, tx, id, None).await?;
    app.kit.audit(tx, by.entry("account.suspended").on(id).changed(Value::Null, json!({ "reason": reason })));
    Ok(())
}

/// They get in again.
pub(crate) async fn restore(app: &App, tx: &mut Tx, by: By, id: AccountId) -> Result<(), Error> {
    theirs(tx, by, id).await?;
    accounts::set_suspended(tx, id, None).await?;
    app.kit.audit(tx, by.entry("account.restored").on(id));
    Ok(())
}

/// All sessions of somebody end; gives how many.
pub(crate) async fn log_out(app: &App, tx: &mut Tx, by: By, id: AccountId) -> Result<usize, Error> {
    theirs(tx, by, id).await?;
    let ended = end_sessions::all_but(app, tx, id, None).await?;
    app.kit.audit(tx, by.entry("account.logged_out").on(id).changed(Value::Null, json!({ "sessions": ended })));
    Ok(ended)
}

/// An account that whoever does it may touch, locked.
pub(super) async fn theirs(tx: &mut Tx, by: By, id: AccountId) -> Result<Account, Error> {
    let account = accounts::lock(tx, id).await?.filter(|account| account.verified_at.is_some());
    let account = account.ok_or(Error::NoSuchAccount)?;
    by.covers(account.permissions_in(true))?;
    Ok(account)
}

pub(super) async fn another_administrator(tx: &mut Tx, id: AccountId) -> Result<(), Error> {
    if users::has_another_administrator(tx, id).await? { Ok(()) } else { Err(Error::LastAdministrator) }
}
