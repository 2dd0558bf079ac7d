//! A session goes on: a refresh token is exchanged for its successor and an access token (RFC 6749, 6; RFC 9700, 4.14).

use super::{
    end_sessions,
    log_in::{Tokens, access, expires},
};
use crate::{
    Error,
    domain::{GRACE, RefreshToken},
    state::App,
    store::{accounts, refresh_tokens, sessions},
};
use service_kit::{ClientAddress, Tx, audit::Entry};

/// What came of a refresh token.
pub(crate) enum Refreshed {
    GoesOn(Box<Tokens>),
    /// It was used before: a copy of it is in wrong hands, and the session has ended.
    Reused,
}

/// Each session is locked while it is refreshed: of many that come with one token at once each gets the same successor.
///
/// # Errors
/// The token is none of a living session's, or the account is suspended.
pub(crate) async fn refresh(
    app: &App,
    tx: &mut Tx,
    presented: &RefreshToken,
    client: ClientAddress,
) -> Result<Refreshed, Error> {
    let (now, hash) = (app.kit.clock.now(), presented.hash());
    let known = refresh_tokens::find(tx, &hash).await?.filter(|known| known.expires_at > now);
    let known = known.ok_or(Error::UnknownRefreshToken)?;
    let mut session = sessions::lock(tx, known.session_id, now).await?.ok_or(Error::UnknownRefreshToken)?;
    // What it was when we looked may have changed while we waited for the session.
    let stored = refresh_tokens::find(tx, &hash).await?.ok_or(Error::UnknownRefreshToken)?;
    if stored.used_at.is_some_and(|used_at| now - used_at > GRACE) {
        tracing::warn!(account.id = %session.account_id, session.id = %session.id, "a refresh token came again: its session ends");
        end_sessions::these(app, tx, session.account_id, &[session.id.uuid()]).await?;
        app.kit.audit(tx, Entry::of_service("refresh_token.reused").on(session.id).from(client).denied());
        return Ok(Refreshed::Reused);
    }
    let account = accounts::find(tx, session.account_id).await?.ok_or(Error::UnknownRefreshToken)?;
    if account.suspended_at.is_some() {
        return Err(Error::Suspended);
    }
    let successor = presented.successor(&app.refresh_key);
    session.expires_at = expires(session.created_at, now);
    session.last_seen_at = now;
    session.client = client.group().to_string();
    if stored.used_at.is_none() {
        refresh_tokens::used(tx, &hash, now).await?;
        refresh_tokens::insert(tx, &successor.hash(), session.id, session.expires_at).await?;
        sessions::seen(tx, session.id, &session.client, now, session.expires_at).await?;
    }
    let scope = account.permissions_in(session.second_factor);
    let access = access(app, &account, &session)?;
    Ok(Refreshed::GoesOn(Box::new(Tokens { access, refresh: successor, session, scope })))
}
