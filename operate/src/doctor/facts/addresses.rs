//! Accounts whose addresses fall together under today's rules, which were not told apart when they were made. No address
//! leaves this file: ids do.

use super::reading::Reading;
use anyhow::Context;
use sqlx::FromRow;
use user_service::email_key;
use uuid::Uuid;

/// Two accounts with one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FallenTogether {
    /// Found by the way its owner always wrote the address.
    pub(crate) under_old_key: Uuid,
    pub(crate) holder: Uuid,
}

#[derive(FromRow)]
struct Keyed {
    id: Uuid,
    email: String,
    email_key: String,
}

pub(super) async fn read(reading: &mut Reading) -> anyhow::Result<Vec<FallenTogether>> {
    // Only addresses beyond ASCII had other keys; user-service keeps an index for this.
    let keyed: Vec<Keyed> = sqlx::query_as(
        "SELECT id, email, email_key FROM accounts
         WHERE octet_length(email || email_key) <> char_length(email || email_key) ORDER BY id",
    )
    .fetch_all(&mut *reading.tx)
    .await
    .context("reading accounts of user-service")?;
    let mut found = Vec::new();
    for account in keyed {
        let Some(key) = email_key(&account.email).filter(|key| *key != account.email_key) else { continue };
        let holder = sqlx::query_scalar("SELECT id FROM accounts WHERE email_key = $1 AND id <> $2");
        let holder: Option<Uuid> = holder.bind(key).bind(account.id).fetch_optional(&mut *reading.tx).await?;
        found.extend(holder.map(|holder| FallenTogether { under_old_key: account.id, holder }));
    }
    Ok(found)
}
