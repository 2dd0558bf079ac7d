//! Somebody who is signed in proves that it is them: by their password.

use crate::{
    Error,
    login_bounds::Counted,
    state::App,
    store::accounts::{self, Account},
};
use contracts::AccountId;
use service_kit::client_address::ClientGroup;

/// The account, whose password this is.
///
/// # Errors
/// It is not, or too many were tried: whoever has a stolen session has few guesses.
pub(crate) async fn by_password(
    app: &App,
    client: Option<ClientGroup>,
    account_id: AccountId,
    password: &str,
) -> Result<Account, Error> {
    let counted = count(app, account_id)?;
    let prepared = async {
        let place = app.passwords.place(client)?;
        let mut connection = app.kit.database.acquire().await?;
        let account = accounts::find(&mut connection, account_id).await?.ok_or(Error::NoSuchAccount)?;
        Ok::<_, Error>((place, account))
    };
    let (place, account) = prepared.await.inspect_err(|_| app.logins.give_back(&counted))?;
    let found = app.passwords.check(place, password, [Some(&account.person.password_hash)]).await?;
    if found.is_none() {
        tracing::warn!(account.id = %account_id, "a proof failed: wrong password");
        return Err(Error::WrongPassword);
    }
    app.logins.forgive(&counted);
    Ok(account)
}

/// Counts a guess at what an account's owner knows or has; a right one is forgiven.
///
/// # Errors
/// Too many were wrong.
pub(crate) fn count(app: &App, account_id: AccountId) -> Result<Counted, Error> {
    app.logins.count_proof(&account_id.to_string())
}
