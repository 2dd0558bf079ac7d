//! Somebody signs in with an outside provider: begun here, ended by who began it. Who comes for the first time is linked to the
//! account of the address that the provider says is confirmed, or gets one.

use super::{addresses::Addresses, guests};
use crate::{
    Error,
    domain::{Email, LinkToken, Name, Person, known_keys, random_text},
    outside::{self, Outside},
    passwords::Place,
    state::App,
    store::{
        accounts::{self, Account, NewAccount},
        outside as store, roles,
    },
};
use contracts::{
    AccountId,
    events::user::{ProviderLinked, Registered, Verified},
};
use service_kit::{Cause, ClientAddress, Tx, audit::Entry, auth::Actor};
use time::Duration;
use url::Url;

/// So long somebody may take at the provider.
pub(crate) const VALID: Duration = Duration::minutes(10);
const BATCH: i64 = 500;

/// # Errors
/// The operator named no provider.
pub(crate) fn provider(app: &App) -> Result<&Outside, Error> {
    app.outside.as_ref().ok_or(Error::NoProvider)
}

/// Gives what the browser keeps, and where it goes.
pub(crate) async fn begin(app: &App) -> Result<(LinkToken, Url), Error> {
    let outside = provider(app)?;
    let (state, nonce, verifier) = (random_text()?, random_text()?, random_text()?);
    let url = outside.address(&outside::Begun { state: &state, nonce: &nonce, verifier: &verifier }).await?;
    let token = LinkToken::given(&random_text()?);
    let mut tx = app.kit.database.begin("begin_outside_login").await?;
    let begun = store::Begun { state, nonce, verifier };
    store::begin(&mut tx, &token.hash(), &begun, app.kit.clock.now() + VALID).await?;
    let _committed = tx.commit().await?;
    Ok((token, url))
}

/// What somebody came back with.
pub(crate) struct Back<'b> {
    pub(crate) token: &'b str,
    pub(crate) state: &'b str,
    pub(crate) code: &'b str,
    /// As the provider says by RFC 9207.
    pub(crate) issuer: Option<&'b str>,
}

/// Who it is, by what the provider says.
///
/// # Errors
/// It is not of a login that was begun with this token, or the provider is not believed.
pub(crate) async fn person(app: &App, back: &Back<'_>) -> Result<outside::Person, Error> {
    let outside = provider(app)?;
    let mut tx = app.kit.database.begin("take_outside_login").await?;
    let begun = store::take(&mut tx, &LinkToken::given(back.token).hash(), app.kit.clock.now()).await?;
    let _committed = tx.commit().await?;
    // Else somebody could have a browser of another's end a login that they began (RFC 9700, 4.7).
    let begun = begun.filter(|begun| begun.state == back.state).ok_or(Error::OutsideLoginOver)?;
    if back.issuer.is_some_and(|issuer| issuer != outside.issuer()) {
        return Err(Error::OutsideLoginOver);
    }
    let store::Begun { state, nonce, verifier } = &begun;
    let begun = outside::Begun { state, nonce, verifier };
    Ok(outside.person(&begun, back.code).await?)
}

/// The account that is linked to somebody, or the one of their confirmed address.
pub(crate) async fn known(app: &App, tx: &mut Tx, person: &outside::Person) -> Result<Option<Account>, Error> {
    let issuer = provider(app)?.issuer();
    if let Some(id) = store::account_of(tx, issuer, &person.subject).await? {
        return Ok(accounts::find(tx, id).await?);
    }
    let email = person.email.as_deref().ok_or(Error::ProviderEmail)?;
    Ok(accounts::find_by_keys(tx, &known_keys(email)).await?)
}

/// Links them for the next time; the account's owner is told.
pub(crate) async fn link(
    app: &App,
    tx: &mut Tx,
    person: &outside::Person,
    account_id: AccountId,
    client: ClientAddress,
) -> Result<(), Error> {
    let outside = provider(app)?;
    let identity = (outside.issuer(), person.subject.as_str());
    if !store::link(tx, identity, account_id, app.kit.clock.now()).await? {
        return Ok(());
    }
    let version = accounts::next_version(tx, account_id).await?;
    let linked = ProviderLinked { account_id, provider: outside.name().to_owned() };
    app.kit.announce(tx, &Cause::current(), version, linked)?;
    app.kit.audit(tx, Entry::new(Actor::Person(account_id), "identity.linked").on(account_id).from(client));
    tracing::info!(account.id = %account_id, "an account is linked to an outside provider");
    Ok(())
}

/// An account for who has none. Its password nobody knows: who wants one asks for a forgotten one.
pub(crate) async fn make(
    app: &App,
    person: &outside::Person,
    place: Place,
    client: ClientAddress,
) -> Result<Account, Error> {
    let email = person.email.as_deref().ok_or(Error::ProviderEmail)?;
    let email = Email::parse(email).map_err(|_| Error::ProviderEmail)?;
    let password_hash = app.passwords.hash_again(place, &random_text()?).await?;
    let mut tx = app.kit.database.begin("make_account_of_outside_login").await?;
    let addresses = Addresses::lock(&mut tx, &[email.key()]).await?;
    let name = |given: &Option<String>| given.as_deref().and_then(|text| Name::parse(text).ok());
    let (first_name, last_name) = (name(&person.given_name), name(&person.family_name));
    let text = |name: Option<Name>| name.map(|name| name.as_str().to_owned()).unwrap_or_default();
    let account = NewAccount {
        id: app.kit.clock.new_id(),
        person: Person {
            first_name: text(first_name),
            last_name: text(last_name),
            email: email.as_str().to_owned(),
            email_key: email.key(),
            phone: None,
            address: None,
            password_hash,
        },
        role: roles::CUSTOMER.to_owned(),
        created_at: app.kit.clock.now(),
        version: 2,
    };
    let made = addresses.admit(&mut tx, &[&account]).await?;
    if made.is_empty() {
        return Err(Error::AddressTaken);
    }
    addresses.close(&mut tx, &made, &[]).await?;
    let (account_id, cause) = (account.id, Cause::current());
    app.kit.announce(&mut tx, &cause, 1, Registered { account_id, confirmed: true })?;
    app.kit.announce(&mut tx, &cause, 2, Verified { account_id })?;
    guests::join(app, &mut tx, (&account.person.email_key, account_id), &cause).await?;
    link(app, &mut tx, person, account_id, client).await?;
    let made = accounts::find(&mut tx, account_id).await?.ok_or(Error::NoSuchAccount)?;
    let _committed = tx.commit().await?;
    Ok(made)
}

/// Some of the logins that nobody ended; true when there may be more.
pub(crate) async fn forget(app: &App, tx: &mut Tx) -> Result<bool, Error> {
    Ok(store::delete_expired(tx, app.kit.clock.now(), BATCH).await? == BATCH.unsigned_abs())
}
