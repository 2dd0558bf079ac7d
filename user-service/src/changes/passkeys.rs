//! Passkeys are added by their owner, renamed and removed; the owner is told by mail, in case it was somebody else.

use super::passkey_ceremony::{self, Asked, party};
use crate::{
    Error,
    domain::PasskeyKey,
    passkeys::{Owner, PasskeyError},
    state::App,
    store::{
        accounts,
        passkey_ceremonies::{About, Purpose},
        passkeys::{self, Passkey},
    },
};
use contracts::{
    AccountId, PasskeyId,
    events::user::{PasskeyChange, PasskeysChanged},
};
use serde_json::{Value, json};
use service_kit::{Cause, ClientAddress, Tx, audit::Entry, auth::Actor};

/// An account has no more of them.
const MOST: usize = 20;

fn adding(owner: AccountId) -> About {
    About { purpose: Purpose::Add, account: Some(owner) }
}

/// Asks the owner's browser for a new one.
pub(crate) async fn begin(app: &App, tx: &mut Tx, owner: AccountId) -> Result<Asked, Error> {
    let party = party(app)?;
    let person = accounts::find(tx, owner).await?.ok_or(Error::NoSuchAccount)?.person;
    let known = passkeys::list(tx, owner).await?;
    if known.len() >= MOST {
        return Err(Error::TooManyPasskeys);
    }
    let known: Vec<PasskeyKey> = known.into_iter().map(|passkey| passkey.key).collect();
    let name = format!("{} {}", person.first_name, person.last_name);
    let question = party.ask_for_new(&Owner { id: owner, email: &person.email, name: &name }, &known);
    passkey_ceremony::ask(app, tx, adding(owner), question).await
}

/// What the browser answered.
///
/// # Errors
/// It is not what was asked, or took too long.
pub(crate) async fn answered(app: &App, owner: AccountId, token: &str, said: &Value) -> Result<PasskeyKey, Error> {
    let party = party(app)?;
    let asked = passkey_ceremony::take(app, adding(owner), token).await?.ok_or(Error::WrongPasskey)?;
    party.new_one(&asked, said).map_err(|cause| match cause {
        PasskeyError::Broken(cause) => Error::Passkeys(cause),
        cause => {
            tracing::warn!(account.id = %owner, %cause, "a passkey was not added");
            Error::WrongPasskey
        }
    })
}

/// It opens the account from now on.
pub(crate) async fn add(
    app: &App,
    tx: &mut Tx,
    owner: AccountId,
    (name, key): (String, PasskeyKey),
    client: ClientAddress,
) -> Result<Passkey, Error> {
    accounts::lock(tx, owner).await?.ok_or(Error::NoSuchAccount)?;
    if passkeys::list(tx, owner).await?.len() >= MOST {
        return Err(Error::TooManyPasskeys);
    }
    let (id, created_at) = (app.kit.clock.new_id(), app.kit.clock.now());
    let new = Passkey { id, owner, name, key, created_at, last_used_at: None };
    if !passkeys::insert(tx, &new).await? {
        return Err(Error::PasskeyExists);
    }
    tell(app, tx, owner, PasskeyChange::Added).await?;
    note(app, tx, (owner, id), "passkey.added", client);
    tracing::info!(account.id = %owner, passkey.id = %id, "a passkey was added");
    Ok(new)
}

/// It opens nothing any more.
pub(crate) async fn remove(
    app: &App,
    tx: &mut Tx,
    owner: AccountId,
    id: PasskeyId,
    client: ClientAddress,
) -> Result<(), Error> {
    accounts::lock(tx, owner).await?.ok_or(Error::NoSuchAccount)?;
    if !passkeys::delete(tx, owner, id).await? {
        return Err(Error::NoSuchPasskey);
    }
    tell(app, tx, owner, PasskeyChange::Removed).await?;
    note(app, tx, (owner, id), "passkey.removed", client);
    tracing::info!(account.id = %owner, passkey.id = %id, "a passkey was removed");
    Ok(())
}

fn note(app: &App, tx: &mut Tx, (owner, id): (AccountId, PasskeyId), action: &'static str, client: ClientAddress) {
    let entry = Entry::new(Actor::Person(owner), action).on(owner).from(client);
    app.kit.audit(tx, entry.changed(Value::Null, json!({ "passkey": id })));
}

async fn tell(app: &App, tx: &mut Tx, account_id: AccountId, change: PasskeyChange) -> Result<(), Error> {
    let version = accounts::next_version(tx, account_id).await?;
    app.kit.announce(tx, &Cause::current(), version, PasskeysChanged { account_id, change })?;
    Ok(())
}
