//! `POST /auth/introspect`: whether a token is valid and whose it is (after RFC 7662).

use crate::{
    Error,
    domain::RefreshToken,
    state::App,
    store::{accounts, refresh_tokens, revocations, sessions},
};
use axum::{Json, extract::State};
use contracts::{
    ServiceName,
    access::{IntrospectTokens, Permissions},
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::{Actor, PEOPLE, Staff},
    extract::Body,
};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IntrospectRequest)]
pub(crate) struct IntrospectBody {
    token: String,
}

/// RFC 7662, 2.2. Of a token that is not valid nothing but that is told.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = IntrospectAnswer)]
pub(crate) struct IntrospectionView {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Bearer"))]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The session, or the API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<Uuid>,
    /// What it permits with what is others'.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, examples("orders:read orders:write"))]
    scope: Option<Permissions>,
    /// The role's name; none of a machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<Uuid>,
}

/// For staff: whether a token is valid, and whose it is. Services check tokens by themselves.
#[utoipa::path(
    post, path = "/auth/introspect", tag = "accounts", security(("bearer" = ["tokens:introspect"])),
    request_body = IntrospectBody,
    responses((status = 200, description = "What the token is worth.", body = IntrospectionView))
)]
pub(crate) async fn introspect(
    _staff: Staff<IntrospectTokens>,
    State(app): State<App>,
    Body(request): Body<IntrospectBody>,
) -> Result<Json<IntrospectionView>, Problem> {
    Ok(Json(worth(&app, &request.token).await?))
}

/// Of an access token or a refresh token.
pub(super) async fn worth(app: &App, token: &str) -> Result<IntrospectionView, Problem> {
    let inactive = IntrospectionView::default();
    let claims = app.kit.verifier.access(token.trim()).await;
    let mut connection = app.kit.database.acquire().await?;
    let Ok(claims) = claims else {
        let of_refresh = of_refresh(app, &mut connection, &RefreshToken::given(token)).await?;
        return Ok(of_refresh.unwrap_or(inactive));
    };
    // What was revoked a moment ago is told of here before any service knows.
    if let Some(sid) = claims.sid
        && revocations::is_revoked(&mut connection, sid, claims.generation).await.map_err(Error::from)?
    {
        return Ok(inactive);
    }
    let role = match claims.actor() {
        Actor::Person(account_id) => {
            let account = accounts::find(&mut connection, account_id).await.map_err(Error::from)?;
            let Some(account) = account.filter(|account| account.suspended_at.is_none()) else { return Ok(inactive) };
            Some(account.role)
        }
        Actor::Guest(_) | Actor::Machine(_) => None,
    };
    let scope = Some(claims.permissions());
    Ok(IntrospectionView {
        active: true,
        token_type: Some("Bearer"),
        iss: Some(claims.iss),
        aud: Some(claims.aud),
        sub: Some(claims.sub),
        client_id: Some(claims.client_id),
        sid: claims.sid,
        scope,
        role,
        iat: Some(claims.iat),
        nbf: Some(claims.nbf),
        exp: Some(claims.exp),
        jti: Some(claims.jti),
    })
}

/// Of a refresh token that was not used yet, whose session goes on.
async fn of_refresh(
    app: &App,
    connection: &mut PgConnection,
    presented: &RefreshToken,
) -> Result<Option<IntrospectionView>, Error> {
    let now = app.kit.clock.now();
    let hash = presented.hash();
    let Some(known) = refresh_tokens::find(connection, &hash).await? else { return Ok(None) };
    // Behind a refresh that is under way: the token may have been used when it is over.
    let Some(session) = sessions::lock(connection, known.session_id, now).await? else { return Ok(None) };
    let stored = refresh_tokens::find(connection, &hash).await?;
    let Some(stored) = stored.filter(|stored| stored.used_at.is_none() && stored.expires_at > now) else {
        return Ok(None);
    };
    let account = accounts::find(connection, session.account_id).await?;
    let Some(account) = account.filter(|account| account.suspended_at.is_none()) else { return Ok(None) };
    Ok(Some(IntrospectionView {
        active: true,
        iss: Some(ServiceName::User.to_string()),
        sub: Some(account.id.uuid()),
        client_id: Some(PEOPLE.to_owned()),
        sid: Some(session.id.uuid()),
        scope: Some(account.permissions_in(session.second_factor)),
        role: Some(account.role),
        exp: Some(stored.expires_at.unix_timestamp()),
        ..IntrospectionView::default()
    }))
}
