//! Registrations become accounts: the owners of the mailboxes say so.

use super::{addresses::Addresses, guests};
use crate::{
    Error,
    domain::Own,
    metrics,
    state::App,
    store::{
        accounts::{self, NewAccount},
        roles,
    },
};
use contracts::{
    AccountId,
    events::user::{Registered, Verified},
};
use service_kit::{Cause, Tx, each};
use std::collections::HashSet;
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
    each(work(app, wishes).await, asked)
}

async fn work(app: &App, wishes: Vec<Wish>) -> Result<Vec<Result<AccountId, Error>>, Error> {
    let asked: Vec<_> = wishes.iter().map(|wish| (wish.registration, wish.email_key.clone())).collect();
    let keys: Vec<_> = asked.iter().map(|(_, key)| key.clone()).collect();
    let mut tx = app.kit.database.begin("confirm").await?;
    let addresses = Addresses::lock(&mut tx, &keys).await?;
    let candidates = candidates(wishes, &addresses, app.kit.clock.now());
    let new: Vec<_> = candidates.iter().map(|candidate| &candidate.account).collect();
    let mut holders = addresses.admit(&mut tx, &new).await?;
    let (made, outrun): (Vec<_>, Vec<_>) =
        candidates.iter().partition(|candidate| holders.contains_key(&candidate.account.person.email_key));
    record(app, &mut tx, &made).await?;
    let others: Vec<_> = keys.into_iter().filter(|key| !holders.contains_key(key)).collect();
    if !others.is_empty() {
        holders.extend(accounts::holders(&mut tx, &others).await?);
    }
    addresses.close(&mut tx, &holders, &asked).await?;
    let _committed = tx.commit().await?;
    let answers = asked.iter().enumerate().map(|(place, (registration, key))| {
        let is_among = |candidates: &[&Candidate]| candidates.iter().any(|candidate| candidate.place == place);
        if is_among(&made) {
            tracing::info!(account.id = %registration, "an address was verified");
            return Ok(*registration);
        }
        if holders.contains_key(key) || is_among(&outrun) {
            tracing::info!(registration.id = %registration, "a verification failed: the address has an account");
            return Err(Error::TokenUsed);
        }
        Err(Error::TokenExpired)
    });
    Ok(answers.collect())
}

/// An account that can be made, unless somebody else makes one of the address first.
struct Candidate {
    /// The wish's, in the slice.
    place: usize,
    account: NewAccount,
    cause: Cause,
}

/// Those whose registration has not ended, the first of each address.
fn candidates(wishes: Vec<Wish>, addresses: &Addresses, now: OffsetDateTime) -> Vec<Candidate> {
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
            role: roles::CUSTOMER.to_owned(),
            created_at: now,
            // Two more changes: it was made, and its address is verified.
            version: registration.version + 2,
        };
        Some(Candidate { place, account, cause })
    });
    candidates.collect()
}

/// Their events, and that they were made.
async fn record(app: &App, tx: &mut Tx, made: &[&Candidate]) -> Result<(), Error> {
    for Candidate { account, cause, .. } in made {
        let (account_id, version) = (account.id, account.version);
        app.kit.announce(tx, cause, version - 1, Registered { account_id, confirmed: true })?;
        app.kit.announce(tx, cause, version, Verified { account_id })?;
        guests::join(app, tx, (&account.person.email_key, account_id), cause).await?;
    }
    metrics::verified(tx, made.len());
    Ok(())
}
