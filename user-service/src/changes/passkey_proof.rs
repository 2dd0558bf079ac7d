//! Somebody shows a passkey: to log in, as the second factor, or as a proof that it is still them. Each time it is unlocked by
//! its owner (user verification), so it counts for both factors.

use super::passkey_ceremony::{self, Asked, party};
use crate::{
    Error,
    passkeys::{self as room, Known, PasskeyError},
    state::App,
    store::{
        accounts::{self, Account},
        passkey_ceremonies::{About, Purpose},
        passkeys::{self, Passkey},
    },
};
use contracts::AccountId;
use serde_json::{Value, json};
use service_kit::{ClientAddress, Tx, audit::Entry};

const LOG_IN: About = About { purpose: Purpose::LogIn, account: None };

/// What came of a passkey.
pub(crate) enum Shown {
    /// Its owner's account, locked.
    Accepted(Box<Account>),
    /// Its counter went back: perhaps there are two of it. That is noted.
    Copied,
}

/// What a browser answered, and what it was asked.
#[derive(Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) asked: &'a [u8],
    pub(crate) said: &'a Value,
}

/// Whoever wants to log in is asked; no account is named, and none looked for.
pub(crate) async fn ask_anybody(app: &App) -> Result<Asked, Error> {
    let party = party(app)?;
    let mut tx = app.kit.database.begin("ask_for_passkey").await?;
    let asked = passkey_ceremony::ask(app, &mut tx, LOG_IN, party.ask_anybody()).await?;
    let _committed = tx.commit().await?;
    Ok(asked)
}

/// An account's owner is asked for one of its passkeys.
pub(crate) async fn ask_owner(app: &App, tx: &mut Tx, owner: AccountId, purpose: Purpose) -> Result<Asked, Error> {
    let party = party(app)?;
    let known: Vec<_> = passkeys::list(tx, owner).await?.into_iter().map(|passkey| passkey.key).collect();
    if known.is_empty() {
        return Err(Error::NoSuchPasskey);
    }
    passkey_ceremony::ask(app, tx, About { purpose, account: Some(owner) }, party.ask_for(&known)).await
}

/// What was asked at a login with this token; that there is nothing is answered as a wrong passkey is.
pub(crate) async fn asked_at_login(app: &App, token: &str) -> Result<Vec<u8>, Error> {
    party(app)?;
    passkey_ceremony::take(app, LOG_IN, token).await?.ok_or(Error::UnknownPasskey)
}

/// The same of an account's owner.
pub(crate) async fn asked_of(app: &App, owner: AccountId, purpose: Purpose, token: &str) -> Result<Vec<u8>, Error> {
    party(app)?;
    let about = About { purpose, account: Some(owner) };
    passkey_ceremony::take(app, about, token).await?.ok_or(Error::WrongPasskey)
}

/// Whose passkey it is that answers at a login.
///
/// # Errors
/// It is not known, or its answer does not hold: nobody is told which.
pub(crate) async fn log_in(app: &App, tx: &mut Tx, answer: Answer<'_>, client: ClientAddress) -> Result<Shown, Error> {
    let credential_id = room::claimed(answer.said).map_err(|cause| refused(&cause, Error::UnknownPasskey))?;
    let Some(owner) = passkeys::owner(tx, &credential_id).await? else {
        tracing::info!("a login by passkey failed: it is not known");
        return Err(Error::UnknownPasskey);
    };
    let Some((account, passkey)) = lock(tx, owner, &credential_id).await? else { return Err(Error::UnknownPasskey) };
    let known = Known { owner, key: &passkey.key };
    let state = party(app)?.answered(answer.asked, answer.said, known);
    used(app, tx, (account, passkey), state, (Error::UnknownPasskey, client)).await
}

/// That a passkey of the owner's answers.
///
/// # Errors
/// It is none of theirs, or its answer does not hold.
pub(crate) async fn by_owner(
    app: &App,
    tx: &mut Tx,
    owner: AccountId,
    answer: Answer<'_>,
    client: ClientAddress,
) -> Result<Shown, Error> {
    let credential_id = room::claimed(answer.said).map_err(|cause| refused(&cause, Error::WrongPasskey))?;
    let Some((account, passkey)) = lock(tx, owner, &credential_id).await? else { return Err(Error::WrongPasskey) };
    let known = Known { owner, key: &passkey.key };
    let state = party(app)?.answered_by_owner(answer.asked, answer.said, known);
    used(app, tx, (account, passkey), state, (Error::WrongPasskey, client)).await
}

/// The account first, as everybody.
async fn lock(tx: &mut Tx, owner: AccountId, credential_id: &[u8]) -> Result<Option<(Account, Passkey)>, Error> {
    let Some(account) = accounts::lock(tx, owner).await? else { return Ok(None) };
    let passkey = passkeys::lock(tx, owner, credential_id).await?;
    Ok(passkey.map(|passkey| (account, passkey)))
}

async fn used(
    app: &App,
    tx: &mut Tx,
    (account, passkey): (Account, Passkey),
    state: Result<Vec<u8>, PasskeyError>,
    (otherwise, client): (Error, ClientAddress),
) -> Result<Shown, Error> {
    match state {
        Ok(state) => {
            passkeys::used(tx, passkey.id, &state, app.kit.clock.now()).await?;
            Ok(Shown::Accepted(Box::new(account)))
        }
        Err(PasskeyError::Copied) => {
            tracing::warn!(account.id = %account.id, passkey.id = %passkey.id, "a passkey's counter went back");
            let copied = Entry::of_service("passkey.copied").on(account.id).from(client).denied();
            app.kit.audit(tx, copied.changed(Value::Null, json!({ "passkey": passkey.id })));
            Ok(Shown::Copied)
        }
        Err(cause) => Err(refused(&cause, otherwise)),
    }
}

fn refused(cause: &PasskeyError, otherwise: Error) -> Error {
    if let PasskeyError::Broken(cause) = cause {
        return Error::Passkeys(cause.clone());
    }
    tracing::warn!(%cause, "a passkey was not taken");
    otherwise
}
