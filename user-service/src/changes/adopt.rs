//! What versions before registrations wrote is taken over: accounts that were never confirmed become registrations, and
//! accounts get their address's key of today. Addresses that fall together under it keep their old keys: a person decides
//! (the doctor lists them).

use crate::{
    Error,
    domain::{canonical, key_of_stored},
    store::{
        accounts::{self, Keyed},
        older_versions,
    },
};
use service_kit::Tx;
use std::collections::HashSet;
use uuid::Uuid;

const BATCH: i64 = 500;

/// Some of the accounts that were never confirmed, and some links of confirmed ones; gives how many of either.
pub(crate) async fn registrations(tx: &mut Tx) -> Result<(usize, u64), Error> {
    let old = older_versions::lock(tx, BATCH).await?;
    if !old.is_empty() {
        let ids: Vec<Uuid> = old.iter().map(|account| account.id).collect();
        let (emails, keys): (Vec<_>, Vec<_>) = old.iter().map(|account| canonical(&account.email)).unzip();
        older_versions::adopt(tx, &ids, &emails, &keys).await?;
    }
    let links = older_versions::adopt_used_links(tx, BATCH).await?;
    Ok((old.len(), links))
}

/// The next accounts after `after` whose key may be an old one; gives the last looked at, none after all. Few accounts
/// have an address beyond ASCII; each is looked at again, since what is in its way may be gone.
pub(crate) async fn keys(tx: &mut Tx, after: Uuid) -> Result<Option<Uuid>, Error> {
    let found = accounts::beyond_ascii(tx, after, BATCH).await?;
    let Some(last) = found.last().map(|account| account.id) else { return Ok(None) };
    let rekeyed = rekeyed(found);
    if !rekeyed.is_empty() {
        for id in accounts::rekey(tx, &rekeyed).await? {
            tracing::info!(account.id = %id, "an account got its address's key of today");
        }
    }
    Ok(Some(last))
}

/// Those whose key of today is another; of several with the same one the first.
fn rekeyed(accounts: Vec<Keyed>) -> Vec<(Keyed, String)> {
    let mut given = HashSet::new();
    let rekeyed = accounts.into_iter().filter_map(|account| {
        let key = key_of_stored(&account.email).filter(|key| *key != account.email_key)?;
        given.insert(key.clone()).then_some((account, key))
    });
    rekeyed.collect()
}
