//! Guests: made at a checkout, once per secret; joined to the account of their mailbox by who has it; forgotten.

use super::{end_sessions, erase};
use crate::{
    Error,
    domain::{Email, GUEST_VALID, Guest, GuestSecret, LinkToken, counted_as},
    error::GuestError,
    state::App,
    store::{
        accounts,
        guests::{self, NewGuest},
    },
};
use contracts::{AccountId, CartId, ServiceName, api::user::Contact, events::user::GuestJoined};
use service_kit::{
    Cause, ClientAddress, Tx,
    audit::Entry,
    auth::{ACCESS_TOKEN_SECONDS, AccessClaims, Actor, GUESTS, GuestClaims, PLATFORM, Role},
};
use sqlx::PgConnection;
use time::Duration;

/// Longer than a token lives that was given at the last moment.
const KEPT: Duration = Duration::days(1);
const BATCH: i64 = 100;

/// Somebody wants to order without an account.
pub(crate) struct Wish {
    pub(crate) email: Email,
    pub(crate) cart_id: CartId,
    pub(crate) secret: GuestSecret,
}

/// The guest of the secret, who is made where there is none: whoever asks twice is one guest. Only who is made counts.
///
/// # Errors
/// The secret is another guest's, or they have joined an account, or too many were made.
pub(crate) async fn make(app: &App, wish: &Wish, client: ClientAddress) -> Result<Guest, Error> {
    let mut connection = app.kit.database.acquire().await?;
    if let Some(known) = known(app, &mut connection, wish).await? {
        return Ok(known);
    }
    drop(connection);
    let counted = app.counted(client);
    app.guests.count(counted, &wish.email).map_err(|refused| GuestError::TooMany { wait: refused.wait })?;
    let made = insert(app, wish).await;
    if !matches!(made, Ok(Some(_))) {
        app.guests.give_back(counted, &wish.email);
    }
    if let Some(guest) = made? {
        tracing::info!(guest.id = %guest.id, "a guest was made");
        return Ok(guest);
    }
    // The same click once more was faster.
    let mut connection = app.kit.database.acquire().await?;
    known(app, &mut connection, wish).await?.ok_or_else(|| GuestError::Unknown.into())
}

async fn known(app: &App, connection: &mut PgConnection, wish: &Wish) -> Result<Option<Guest>, Error> {
    let Some(mut guest) = guests::find_by_secret(connection, &wish.secret.hash()).await? else { return Ok(None) };
    if guest.email_key != wish.email.key() || guest.cart_id != wish.cart_id {
        return Err(GuestError::SecretUsed.into());
    }
    if guest.account_id.is_some() {
        return Err(GuestError::Joined.into());
    }
    prolong(app, connection, &mut guest).await?;
    Ok(Some(guest))
}

async fn insert(app: &App, wish: &Wish) -> Result<Option<Guest>, Error> {
    let (id, now) = (app.kit.clock.new_id::<AccountId>(), app.kit.clock.now());
    let (email, email_key) = (wish.email.as_str().to_owned(), wish.email.key());
    let (cart_id, expires_at) = (wish.cart_id, now + GUEST_VALID);
    let guest = Guest { id, email, email_key, cart_id, expires_at, account_id: None };
    let (secret_hash, link_hash) = (wish.secret.hash(), LinkToken::derive(&app.link_key, id).hash());
    let new = NewGuest { guest: &guest, secret_hash: &secret_hash, link_hash: &link_hash, created_at: now };
    let mut connection = app.kit.database.acquire().await?;
    Ok(guests::insert(&mut connection, &new).await?.then_some(guest))
}

/// The guest of a secret comes again.
///
/// # Errors
/// There is none, or they have joined an account, or were not seen for too long.
pub(crate) async fn again(app: &App, secret: &GuestSecret) -> Result<Guest, Error> {
    let mut connection = app.kit.database.acquire().await?;
    let guest = guests::find_by_secret(&mut connection, &secret.hash()).await?;
    let mut guest = guest.filter(|guest| guest.expires_at > app.kit.clock.now()).ok_or(GuestError::Unknown)?;
    if guest.account_id.is_some() {
        return Err(GuestError::Joined.into());
    }
    prolong(app, &mut connection, &mut guest).await?;
    Ok(guest)
}

/// Written once a day: a page that waits for its order comes every other second.
async fn prolong(app: &App, connection: &mut PgConnection, guest: &mut Guest) -> Result<(), Error> {
    let expires_at = app.kit.clock.now() + GUEST_VALID;
    if expires_at - guest.expires_at > Duration::DAY {
        guests::seen(connection, guest.id, expires_at).await?;
        guest.expires_at = expires_at;
    }
    Ok(())
}

/// An access token for the guest's one cart, and what was ordered of it.
pub(crate) fn access(app: &App, guest: &Guest, client: ClientAddress) -> Result<String, Error> {
    let now = app.kit.clock.now().unix_timestamp();
    let client = app.counted(client).map(|client| client.to_string());
    let counted_as = counted_as(&app.link_key, &guest.email, client.as_deref());
    let claims = AccessClaims {
        iss: ServiceName::User.to_string(),
        aud: PLATFORM.to_owned(),
        sub: guest.id.uuid(),
        client_id: GUESTS.to_owned(),
        // By which it is revoked once they have joined an account.
        sid: Some(guest.id.uuid()),
        generation: 0,
        scope: Some(contracts::access::Permissions::NONE),
        role: Role::Customer,
        guest: Some(GuestClaims { only: guest.cart_id.uuid(), counted_as }),
        auth_time: None,
        iat: now,
        nbf: now,
        exp: now + ACCESS_TOKEN_SECONDS,
        jti: app.kit.clock.new_id(),
    };
    Ok(app.kit.identity.sign_access(&claims)?)
}

/// The owner of a mailbox has confirmed it and has this account: what guests ordered with the address is the account's. The
/// caller knows that the mailbox is theirs.
pub(crate) async fn join(
    app: &App,
    tx: &mut Tx,
    (email_key, account_id): (&str, AccountId),
    cause: &Cause,
) -> Result<(), Error> {
    for (guest_id, version) in guests::join(tx, email_key, account_id).await? {
        end_sessions::revoke(app, tx, guest_id.uuid(), i32::MAX);
        app.kit.announce(tx, cause, version, GuestJoined { guest_id, account_id })?;
        tracing::info!(guest.id = %guest_id, account.id = %account_id, "a guest joined an account");
    }
    Ok(())
}

/// What the link of a guest's mail leads to.
pub(crate) struct Linked {
    pub(crate) guest: Guest,
    /// The account of the address, or the one they have joined.
    pub(crate) account_id: Option<AccountId>,
}

/// The guest of a mailed link, locked.
///
/// # Errors
/// It is none.
pub(crate) async fn follow(tx: &mut Tx, token: &str) -> Result<Linked, Error> {
    let guest = guests::lock_by_link(tx, &LinkToken::given(token).hash()).await?.ok_or(Error::UnknownLink)?;
    let holders = accounts::holders(tx, std::slice::from_ref(&guest.email_key)).await?;
    let account_id = guest.account_id.or_else(|| holders.get(&guest.email_key).copied());
    Ok(Linked { guest, account_id })
}

/// The owner of the mailbox wants what was ordered in their account: all of it, since the mailbox is theirs. Once more changes
/// nothing.
///
/// # Errors
/// There is no account yet.
pub(crate) async fn join_by_link(app: &App, tx: &mut Tx, linked: &Linked, client: ClientAddress) -> Result<(), Error> {
    let account_id = linked.account_id.ok_or(GuestError::NoAccount)?;
    if linked.guest.account_id.is_none() {
        join(app, tx, (&linked.guest.email_key, account_id), &Cause::current()).await?;
        let entry = Entry::new(Actor::Person(account_id), "guest.joined").on(linked.guest.id).from(client);
        app.kit.audit(tx, entry);
    }
    Ok(())
}

/// The owner of the mailbox has ordered nothing: the guest is erased, as an account would be, and what has not left goes
/// nowhere.
///
/// # Errors
/// They have joined an account, which is erased by its own way.
pub(crate) async fn forget_by_link(app: &App, tx: &mut Tx, guest: &Guest, client: ClientAddress) -> Result<(), Error> {
    let entry = Entry::new(Actor::Guest(guest.id), "guest.erased").from(client);
    erase::guest(app, tx, guest, entry).await?;
    Ok(())
}

/// Where those of them are reached that are guests; a mail about an order goes there.
pub(crate) async fn contacts(
    app: &App,
    connection: &mut PgConnection,
    ids: &[AccountId],
) -> Result<Vec<Contact>, Error> {
    let found = guests::contacts(connection, ids).await?;
    if !found.is_empty() {
        let ids: Vec<_> = found.iter().map(|(contact, _)| contact.account_id.uuid()).collect();
        guests::mailed(connection, &ids, app.kit.clock.now()).await?;
    }
    let contacts = found.into_iter().map(|(contact, is_alone)| {
        let join_url = is_alone.then(|| app.link("guest", contact.account_id));
        Contact { join_url, ..contact }
    });
    Ok(contacts.collect())
}

/// Some who ordered nothing in their time; true when there may be more.
pub(crate) async fn forget(app: &App, tx: &mut Tx) -> Result<bool, Error> {
    let before = app.kit.clock.now() - KEPT;
    Ok(guests::delete_without_order(tx, before, BATCH).await? == BATCH.unsigned_abs())
}
