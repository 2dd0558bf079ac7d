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
    pub(super) async fn admit(
        &self,
        tx: &mut Tx,
        new: &[NewAccount],
    ) -> Result<HashMap<String, AccountId>, Error> {
        let wanted = |key: &String| new.iter().any(|account| account.person.email_key == *key);
        let in_the_way: Vec<_> = self.unconfirmed.iter().filter(|(_, key)| wanted(key)).map(|(id, _)| *id).collect();
        if !in_the_way.is_empty() {
            older_versions::delete(tx, &in_the_way).await?;
        }
        let made = accounts::insert(tx, new).await?;
        let made = new.iter().filter(|account| made.contains(&account.id));
        Ok(made.map(|account| (account.person.email_key.clone(), account.id)).collect())
    }

    /// Ends the registrations of addresses that have an account, which `holders` says by their keys. Their links lead to
    /// it, and so do those of `ended`: registrations that were gone before.
    pub(super) async fn close(
        &self,
        tx: &mut Tx,
        holders: &HashMap<String, AccountId>,
        ended: Vec<(AccountId, AccountId)>,
    ) -> Result<(), Error> {
        let held = self.registrations.iter().filter_map(|registration| {
            Some((registration.id, *holders.get(&registration.person.email_key)?))
        });
        let held: HashMap<AccountId, AccountId> = held.collect();
        if !held.is_empty() {
            let ids: Vec<_> = held.keys().map(|id| id.uuid()).collect();
            registrations::delete(tx, &ids).await?;
        }
        let mut led: HashMap<AccountId, AccountId> = ended.into_iter().collect();
        led.extend(held);
        let led: Vec<_> = led.into_iter().collect();
        if !led.is_empty() {
            registration_links::lead_to(tx, &led).await?;
        }
        Ok(())
    }
}
