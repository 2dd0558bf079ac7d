//! A session begins: its first refresh token, and the access token it gives.

use super::end_sessions;
use crate::{
    Error,
    domain::{IDLE, LONGEST, RefreshToken, device},
    state::App,
    store::{
        accounts::{self, Account},
        refresh_tokens,
        sessions::{self, Session},
    },
};
use contracts::{ServiceName, SessionId, access::Permissions, events::user::LoginsSlowedDown};
use serde_json::{Value, json};
use service_kit::{
    Cause, ClientAddress, Tx,
    audit::Entry,
    auth::{ACCESS_TOKEN_SECONDS, AccessClaims, Actor, PEOPLE, PLATFORM, Role},
};
use time::OffsetDateTime;

/// An account has no more sessions at a time: the one seen longest ago ends.
const MOST: i64 = 50;

/// Somebody proved who they are.
pub(crate) struct Proved<'a> {
    pub(crate) account: &'a Account,
    pub(crate) second_factor: bool,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) client: ClientAddress,
}

/// What a person goes on with.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: RefreshToken,
    pub(crate) session: Session,
    /// What the access token permits.
    pub(crate) scope: Permissions,
}

/// Begins a session.
pub(crate) async fn log_in(app: &App, tx: &mut Tx, proved: Proved<'_>) -> Result<Tokens, Error> {
    let Proved { account, second_factor, user_agent, client } = proved;
    let now = app.kit.clock.now();
    let session = Session {
        id: app.kit.clock.new_id(),
        account_id: account.id,
        device: device(user_agent),
        client: client.group().to_string(),
        created_at: now,
        last_seen_at: now,
        expires_at: expires(now, now),
        proved_at: now,
        second_factor,
        generation: 0,
    };
    let refresh = RefreshToken::first()?;
    sessions::insert(tx, &session).await?;
    refresh_tokens::insert(tx, &refresh.hash(), session.id, session.expires_at).await?;
    let beyond = sessions::beyond(tx, account.id, MOST).await?;
    if !beyond.is_empty() {
        end_sessions::these(app, tx, account.id, &beyond).await?;
    }
    let began = Entry::new(Actor::Person(account.id), "session.began").on(session.id).from(client);
    app.kit.audit(tx, began.changed(Value::Null, json!({ "second_factor": second_factor })));
    let scope = account.permissions_in(session.second_factor);
    Ok(Tokens { access: access(app, account, &session)?, refresh, session, scope })
}

/// The session's owner proved again who they are; gives an access token that says so.
///
/// # Errors
/// The session has ended.
pub(crate) async fn proved(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    id: SessionId,
    second_factor: bool,
) -> Result<String, Error> {
    let now = app.kit.clock.now();
    let mut session = sessions::lock(tx, id, now).await?.ok_or(Error::NoSuchSession)?;
    sessions::proved(tx, id, now, second_factor).await?;
    session.proved_at = now;
    session.second_factor |= second_factor;
    access(app, account, &session)
}

/// A second factor was shown in the session: its next access token says so.
pub(crate) async fn strengthened(app: &App, tx: &mut Tx, id: SessionId) -> Result<(), Error> {
    Ok(sessions::proved(tx, id, app.kit.clock.now(), true).await?)
}

/// Strangers try passwords of an account, if there is one under these keys: its owner is told.
pub(crate) async fn slowed_down(app: &App, email_keys: &[String]) -> Result<(), Error> {
    let mut tx = app.kit.database.begin("slowed_down").await?;
    let Some(account) = accounts::find_by_keys(&mut tx, email_keys).await? else { return Ok(()) };
    let (account_id, version) = (account.id, accounts::next_version(&mut tx, account.id).await?);
    app.kit.announce(&mut tx, &Cause::current(), version, LoginsSlowedDown { account_id })?;
    let _committed = tx.commit().await?;
    Ok(())
}

/// When a session that began at `began` and is used now ends, unless it is used again.
pub(super) fn expires(began: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
    (now + IDLE).min(began + LONGEST)
}

/// An access token of the session, for what its account may do now.
pub(super) fn access(app: &App, account: &Account, session: &Session) -> Result<String, Error> {
    let now = app.kit.clock.now().unix_timestamp();
    let claims = AccessClaims {
        iss: ServiceName::User.to_string(),
        aud: PLATFORM.to_owned(),
        sub: account.id.uuid(),
        client_id: PEOPLE.to_owned(),
        sid: Some(session.id.uuid()),
        generation: session.generation,
        scope: Some(account.permissions_in(session.second_factor)),
        role: if account.is_administrator() { Role::Admin } else { Role::Customer },
        guest: None,
        auth_time: Some(session.proved_at.unix_timestamp()),
        iat: now,
        nbf: now,
        exp: now + ACCESS_TOKEN_SECONDS,
        jti: app.kit.clock.new_id(),
    };
    Ok(app.kit.identity.sign_access(&claims)?)
}
