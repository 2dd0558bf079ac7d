//! Keys of machines are made, rotated, revoked, and exchanged for access tokens.

use super::{end_sessions, staff::By};
use crate::{
    Error,
    domain::{ApiKey, OVERLAP},
    state::App,
    store::api_keys::{self, NewKey, StoredKey},
};
use contracts::{ApiKeyId, ServiceName, access::Permissions};
use serde_json::{Value, json};
use service_kit::{
    Tx,
    auth::{ACCESS_TOKEN_SECONDS, AccessClaims, PLATFORM, Role},
};
use time::OffsetDateTime;

/// What a key is to be.
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) permissions: Permissions,
    pub(crate) expires_at: Option<OffsetDateTime>,
}

/// A new key: this once it is told.
///
/// # Errors
/// It permits what whoever makes it may not.
pub(crate) async fn make(app: &App, tx: &mut Tx, by: By, wanted: Wanted) -> Result<(ApiKeyId, ApiKey), Error> {
    by.covers(wanted.permissions)?;
    let (id, key): (ApiKeyId, _) = (app.kit.clock.new_id(), ApiKey::new()?);
    let Wanted { name, permissions, expires_at } = wanted;
    let after = json!({ "name": name, "permissions": permissions.names() });
    let new = NewKey {
        id,
        name,
        prefix: key.prefix(),
        hash: key.hash(),
        permissions,
        made_by: by.actor.uuid(),
        created_at: app.kit.clock.now(),
        expires_at,
    };
    api_keys::insert(tx, &new).await?;
    app.kit.audit(tx, by.entry("api_key.made").on(id).changed(Value::Null, after));
    Ok((id, key))
}

/// Another key with the same permissions; the one before works for another day.
pub(crate) async fn rotate(app: &App, tx: &mut Tx, by: By, id: ApiKeyId) -> Result<(ApiKey, OffsetDateTime), Error> {
    theirs(app, tx, by, id).await?;
    let (key, until) = (ApiKey::new()?, app.kit.clock.now() + OVERLAP);
    api_keys::rotate(tx, id, (&key.prefix(), &key.hash()), until).await?;
    app.kit.audit(tx, by.entry("api_key.rotated").on(id));
    Ok((key, until))
}

/// It works no more: within seconds at all services.
pub(crate) async fn revoke(app: &App, tx: &mut Tx, by: By, id: ApiKeyId) -> Result<(), Error> {
    theirs(app, tx, by, id).await?;
    api_keys::revoke(tx, id, app.kit.clock.now()).await?;
    end_sessions::revoke(app, tx, id.uuid(), i32::MAX);
    app.kit.audit(tx, by.entry("api_key.revoked").on(id));
    Ok(())
}

/// An access token that speaks for the key.
///
/// # Errors
/// It is none, or works no more.
pub(crate) async fn exchange(app: &App, tx: &mut Tx, given: &ApiKey) -> Result<String, Error> {
    let now = app.kit.clock.now();
    let key = api_keys::used(tx, &given.hash(), now).await?.filter(|key| key.works(now));
    let key = key.ok_or(Error::UnknownKey)?;
    let seconds = now.unix_timestamp();
    let longest = seconds + ACCESS_TOKEN_SECONDS;
    let claims = AccessClaims {
        iss: ServiceName::User.to_string(),
        aud: PLATFORM.to_owned(),
        sub: key.id.uuid(),
        client_id: key.id.to_string(),
        sid: Some(key.id.uuid()),
        generation: 0,
        scope: Some(key.permissions()),
        guest: None,
        role: Role::Customer,
        auth_time: None,
        iat: seconds,
        nbf: seconds,
        exp: key.expires_at.map_or(longest, |end| end.unix_timestamp().min(longest)),
        jti: app.kit.clock.new_id(),
    };
    Ok(app.kit.identity.sign_access(&claims)?)
}

async fn theirs(app: &App, tx: &mut Tx, by: By, id: ApiKeyId) -> Result<StoredKey, Error> {
    let key = api_keys::lock(tx, id).await?.filter(|key| key.works(app.kit.clock.now()));
    let key = key.ok_or(Error::NoSuchKey)?;
    by.covers(key.permissions())?;
    Ok(key)
}
