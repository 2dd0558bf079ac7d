//! An address gets its account: of who confirmed a registration, or of who an operator vouches for. All registrations of
//! the address end then, and their links lead to the account.
//!
//! Locked in one order, by everybody: what older versions registered, then registrations, then the key itself by
//! inserting it. Nothing is locked crosswise.

use crate::{
    Error,
    store::{
        accounts::{self, NewAccount},
        older_versions, registration_links,
        registrations::{self, Registration},
    },
};
use contracts::AccountId;
use service_kit::Tx;
use std::collections::HashMap;
use uuid::Uuid;

/// All that is registered with some addresses, locked until the transaction ends.
pub(super) struct Addresses {
    pub(super) registrations: Vec<Registration>,
    /// Accounts that an older version made and nobody confirmed, with their keys.
    unconfirmed: Vec<(Uuid, String)>,
}

impl Addresses {
    pub(super) async fn lock(tx: &mut Tx, email_keys: &[String]) -> Result<Self, Error> {
        let unconfirmed = older_versions::lock_of(tx, email_keys).await?;
        let registrations = registrations::lock(tx, email_keys).await?;
        Ok(Self { registrations, unconfirmed })
    }

    pub(super) fn registration(&self, id: AccountId) -> Option<&Registration> {
        self.registrations.iter().find(|known| known.id == id)
    }

    /// Makes the accounts, except where an address has one already; gives those made, by their addresses' keys.
    pub(super) async fn admit(&self, tx: &mut Tx, new: &[&NewAccount]) -> Result<HashMap<String, AccountId>, Error> {
        let wanted = |key: &String| new.iter().any(|account| account.person.email_key == *key);
        let in_the_way: Vec<_> = self.unconfirmed.iter().filter(|(_, key)| wanted(key)).map(|(id, _)| *id).collect();
        if !in_the_way.is_empty() {
            older_versions::delete(tx, &in_the_way).await?;
        }
        let made = if new.is_empty() { Vec::new() } else { accounts::insert(tx, new).await? };
        let made = new.iter().filter(|account| made.contains(&account.id));
        Ok(made.map(|account| (account.person.email_key.clone(), account.id)).collect())
    }

    /// Ends the registrations of addresses that have an account, which `holders` says by their keys. Their links lead to
    /// it, and so do those of `asked`, which may have ended before: registrations with their addresses' keys.
    pub(super) async fn close(
        &self,
        tx: &mut Tx,
        holders: &HashMap<String, AccountId>,
        asked: &[(AccountId, String)],
    ) -> Result<(), Error> {
        let held = self.registrations.iter().filter(|known| holders.contains_key(&known.person.email_key));
        let ids: Vec<_> = held.clone().map(|registration| registration.id.uuid()).collect();
        if !ids.is_empty() {
            registrations::delete(tx, &ids).await?;
        }
        let held = held.map(|registration| (registration.id, &registration.person.email_key));
        let asked = asked.iter().map(|(registration, key)| (*registration, key));
        let led = held.chain(asked).filter_map(|(registration, key)| Some((registration, *holders.get(key)?)));
        // No link twice: a statement that changes a row twice has no order.
        let led: Vec<_> = led.collect::<HashMap<_, _>>().into_iter().collect();
        if !led.is_empty() {
            registration_links::lead_to(tx, &led).await?;
        }
        Ok(())
    }
}
