//! A registration becomes an account: the owner of the mailbox says so.

use crate::{
    Error,
    app::App,
    domain::Name,
    metrics,
    store::{
        accounts::{self, NewAccount},
        older_versions,
        registrations::{self, Registration},
    },
};
use contracts::{
    AccountId,
    events::user::{Registered, Verified},
};
use service_kit::{Cause, Tx, auth::Role};
use uuid::Uuid;

/// What the owner of the mailbox says in place of what a stranger registered with.
pub(crate) struct Own {
    pub(crate) first_name: Name,
    pub(crate) last_name: Name,
    pub(crate) password_hash: String,
}

/// Makes the account under the registration's id, ends all other registrations of the address, and announces both.
///
/// # Errors
/// The address has an account already, or the registration has ended.
pub(crate) async fn confirm(app: &App, registration: Registration, own: Option<Own>) -> Result<AccountId, Error> {
    let (id, key) = (registration.id, registration.email_key.clone());
    let account = account(app, registration, own);
    let mut tx = app.kit.database.begin("confirmation").await?;
    older_versions::end(&mut tx, &key).await?;
    // First, since all who confirm this address wait for each other here: nothing is locked crosswise.
    if !accounts::insert(&mut tx, &account).await? {
        return address_taken(tx, &key, id).await;
    }
    let version = registrations::end(&mut tx, id).await?.ok_or(Error::TokenExpired)?;
    registrations::end_all(&mut tx, &key, Some(id), id).await?;
    accounts::set_version(&mut tx, account.id, version + 2).await?;
    app.kit.announce(
        &mut tx,
        &Cause::current(),
        version + 1,
        Registered { account_id: account.id, confirmed: true },
    )?;
    app.kit.announce(&mut tx, &Cause::current(), version + 2, Verified { account_id: account.id })?;
    metrics::verified(&mut tx);
    let _committed = tx.commit().await?;
    tracing::info!(account.id = %account.id, "an address was verified");
    Ok(account.id)
}

fn account(app: &App, registration: Registration, own: Option<Own>) -> NewAccount {
    let mut account = NewAccount {
        id: registration.id.into(),
        first_name: registration.first_name,
        last_name: registration.last_name,
        email: registration.email,
        email_key: registration.email_key,
        phone: registration.phone,
        address: registration.address,
        password_hash: registration.password_hash,
        role: Role::Customer,
        created_at: app.kit.clock.now(),
    };
    if let Some(own) = own {
        // Nothing of the stranger's is kept.
        account.first_name = own.first_name.as_str().to_owned();
        account.last_name = own.last_name.as_str().to_owned();
        account.password_hash = own.password_hash;
        (account.phone, account.address) = (None, None);
    }
    account
}

/// Ends this link and all others of the address.
async fn address_taken(mut tx: Tx, key: &str, registration: Uuid) -> Result<AccountId, Error> {
    if let Some(holder) = accounts::holder(&mut tx, key).await? {
        registrations::end_all(&mut tx, key, Some(registration), holder).await?;
        let _committed = tx.commit().await?;
    }
    tracing::info!(registration.id = %registration, "a verification failed: the address has an account");
    Err(Error::TokenUsed)
}
