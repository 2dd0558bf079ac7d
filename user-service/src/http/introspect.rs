//! `POST /auth/introspect`: whether a token is valid and whose it is (after RFC 7662).

use crate::{state::App, store::accounts};
use axum::{Json, extract::State};
use contracts::AccountId;
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::{Admin, Role},
    extract::Body,
};
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
    sub: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
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
    post, path = "/auth/introspect", tag = "accounts", security(("bearer" = ["admin"])),
    request_body = IntrospectBody,
    responses((status = 200, description = "What the token is worth.", body = IntrospectionView))
)]
pub(crate) async fn introspect(
    _admin: Admin,
    State(app): State<App>,
    Body(request): Body<IntrospectBody>,
) -> Result<Json<IntrospectionView>, Problem> {
    let inactive = Json(IntrospectionView::default());
    let Ok(claims) = app.kit.verifier.access(request.token.trim()).await else { return Ok(inactive) };
    let mut connection = app.kit.database.acquire().await?;
    if accounts::find(&mut connection, claims.sub).await?.is_none() {
        return Ok(inactive);
    }
    Ok(Json(IntrospectionView {
        active: true,
        token_type: Some("Bearer"),
        iss: Some(claims.iss),
        aud: Some(claims.aud),
        sub: Some(claims.sub),
        role: Some(claims.role),
        iat: Some(claims.iat),
        nbf: Some(claims.nbf),
        exp: Some(claims.exp),
        jti: Some(claims.jti),
    }))
}
