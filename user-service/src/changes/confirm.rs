//! Registrations become accounts: the owners of the mailboxes say so.

use super::{addresses::Addresses, failed::all_failed};
use crate::{
    Error,
    domain::Own,
    metrics,
    state::App,
    store::accounts::{self, NewAccount},
};
use contracts::{
    AccountId,
    events::user::{Registered, Verified},
};
use service_kit::{Cause, Tx, auth::Role};
use std::collections::{HashMap, HashSet};
use time::OffsetDateTime;

/// What somebody confirms who has the mailed link.
pub(crate) struct Wish {
    pub(crate) registration: AccountId,
    /// Of its address.
    pub(crate) email_key: String,
    /// None from who knows the registration's password: it becomes the account as it is.
    pub(crate) own: Option<Own>,
    pub(crate) cause: Cause,
}

/// Makes the accounts under the registrations' ids, ends all other registrations of their addresses, and announces both.
/// The first of an address gets it; for the others, and those that had one, this link and all others end.
///
/// # Errors
/// Of each: the address has an account already, or the registration has ended.
pub(crate) async fn confirm(app: &App, wishes: Vec<Wish>) -> Vec<Result<AccountId, Error>> {
    let asked = wishes.len();
    work(app, wishes).await.unwrap_or_else(|cause| all_failed(cause, asked))
}

async fn work(app: &App, wishes: Vec<Wish>) -> Result<Vec<Result<AccountId, Error>>, Error> {
    let asked: Vec<_> = wishes.iter().map(|wish| (wish.registration, wish.email_key.clone())).collect();
    let keys: Vec<_> = asked.iter().map(|(_, key)| key.clone()).collect();
    let mut tx = app.kit.database.begin("confirm").await?;
    let addresses = Addresses::lock(&mut tx, &keys).await?;
    let (new, reasons) = candidates(wishes, &addresses, app.kit.clock.now());
    let made = addresses.admit(&mut tx, &new).await?;
    record(app, &mut tx, &new, &reasons, &made)?;
    let left: Vec<_> = keys.into_iter().filter(|key| !made.contains_key(key)).collect();
    let mut holders = if left.is_empty() { HashMap::new() } else { accounts::holders(&mut tx, &left).await? };
    let candidates = new.iter().zip(&reasons);
    let candidates = candidates.map(|(account, reason)| (reason.place, made.contains_key(&account.person.email_key)));
    let candidates: HashMap<usize, bool> = candidates.collect();
    holders.extend(made);
    let ended = asked.iter().filter_map(|(registration, key)| Some((*registration, *holders.get(key)?)));
    addresses.close(&mut tx, &holders, ended.collect()).await?;
    let _committed = tx.commit().await?;
    let answers = asked.iter().enumerate().map(|(place, (registration, key))| {
        answer(*registration, candidates.get(&place).copied(), holders.contains_key(key))
    });
    Ok(answers.collect())
}

/// Which wish an account is for, and why it is made.
struct Reason {
    place: usize,
    cause: Cause,
}

/// Those whose registration has not ended, the first of each address.
fn candidates(wishes: Vec<Wish>, addresses: &Addresses, now: OffsetDateTime) -> (Vec<NewAccount>, Vec<Reason>) {
    let mut taken = HashSet::new();
    let candidates = wishes.into_iter().enumerate().filter_map(|(place, wish)| {
        let Wish { registration, email_key, own, cause } = wish;
        let registration = addresses.registration(registration).filter(|_| taken.insert(email_key))?;
        let person = registration.person.clone();
        let account = NewAccount {
            id: registration.id,
            person: match own {
                Some(own) => person.replaced_by(own),
                None => person,
            },
            role: Role::Customer,
            created_at: now,
            // Two more changes: it was made, and its address is verified.
            version: registration.version + 2,
        };
        Some((account, Reason { place, cause }))
    });
    candidates.unzip()
}

/// The events and the counter of those that were made.
fn record(
    app: &App,
    tx: &mut Tx,
    new: &[NewAccount],
    reasons: &[Reason],
    made: &HashMap<String, AccountId>,
) -> Result<(), Error> {
    for (account, Reason { cause, .. }) in new.iter().zip(reasons) {
        let (account_id, version) = (account.id, account.version);
        if made.contains_key(&account.person.email_key) {
            app.kit.announce(tx, cause, version - 1, Registered { account_id, confirmed: true })?;
            app.kit.announce(tx, cause, version, Verified { account_id })?;
        }
    }
    metrics::verified(tx, made.len());
    Ok(())
}

/// `candidate`: whether the account was made; none when there was no registration to make it of.
fn answer(registration: AccountId, candidate: Option<bool>, address_taken: bool) -> Result<AccountId, Error> {
    match candidate {
        Some(true) => {
            tracing::info!(account.id = %registration, "an address was verified");
            Ok(registration)
        }
        None if !address_taken => Err(Error::TokenExpired),
        _ => {
            tracing::info!(registration.id = %registration, "a verification failed: the address has an account");
            Err(Error::TokenUsed)
        }
    }
}
