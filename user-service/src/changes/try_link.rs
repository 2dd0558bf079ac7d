//! Somebody opens a mailed link: where it leads, and the password they try with it.

use crate::{
    Error,
    domain::TRIES,
    passwords::Place,
    state::App,
    store::{
        accounts, registration_links,
        registrations::{self, Registration},
    },
};

/// The registration that the link leads to.
pub(crate) async fn follow(app: &App, token_hash: &[u8]) -> Result<Registration, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.acquire().await?;
    let Some(link) = registration_links::find(&mut connection, token_hash).await? else {
        tracing::info!("a verification failed: unknown token");
        return Err(Error::UnknownToken);
    };
    if link.account_id.is_some() {
        return Err(Error::TokenUsed);
    }
    if link.tries >= TRIES {
        return Err(Error::TokenEnded);
    }
    let registration = registrations::find(&mut connection, link.registration_id, now).await?;
    let Some(registration) = registration.filter(|_| link.expires_at > now) else {
        // Perhaps it was confirmed since we looked at the link.
        let again = registration_links::find(&mut connection, token_hash).await?;
        let used = again.is_some_and(|link| link.account_id.is_some());
        return Err(if used { Error::TokenUsed } else { Error::TokenExpired });
    };
    let key = &registration.person.email_key;
    if accounts::holders(&mut connection, std::slice::from_ref(key)).await?.contains_key(key) {
        return Err(Error::TokenUsed);
    }
    Ok(registration)
}

/// Counted before it is checked, in the database: many at once, at several instances, are no way around. Each is counted
/// and checked by itself: a password is one person's, and hashing it is what costs.
pub(crate) async fn try_password(
    app: &App,
    token_hash: &[u8],
    registration: &Registration,
    place: Place,
    password: &str,
) -> Result<(), Error> {
    let mut connection = app.kit.database.acquire().await?;
    let tries = registration_links::count_try(&mut connection, token_hash, TRIES).await?.ok_or(Error::TokenEnded)?;
    drop(connection);
    if app.passwords.check(place, password, [Some(&registration.person.password_hash)]).await?.is_some() {
        return Ok(());
    }
    tracing::warn!(registration.id = %registration.id, tries, "a verification failed: wrong password");
    Err(if tries < TRIES { Error::WrongRegistrationPassword { left: TRIES - tries } } else { Error::TokenEnded })
}
