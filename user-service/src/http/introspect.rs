//! `POST /auth/introspect`: whether a token is valid and whose it is (after RFC 7662).

use crate::{app::App, store::accounts};
use axum::{Json, extract::State};
use contracts::AccountId;
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::{Admin, Role},
    extract::Body,
};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntrospectRequest {
    token: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct IntrospectAnswer {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
}

/// For staff: whether a token is valid, and whose it is. Services check tokens by themselves.
#[utoipa::path(
    post, path = "/auth/introspect", tag = "accounts", security(("bearer" = [])), request_body = IntrospectRequest,
    responses((status = 200, body = IntrospectAnswer))
)]
pub(crate) async fn introspect(
    _admin: Admin,
    State(app): State<App>,
    Body(request): Body<IntrospectRequest>,
) -> Result<Json<IntrospectAnswer>, Problem> {
    let inactive = IntrospectAnswer { active: false, sub: None, role: None, exp: None, iat: None, iss: None };
    let Ok(claims) = app.kit.verifier.access(request.token.trim()).await else { return Ok(Json(inactive)) };
    let mut connection = app.kit.database.pool().acquire().await?;
    let Some(account) = accounts::find(&mut connection, claims.sub).await? else { return Ok(Json(inactive)) };
    Ok(Json(IntrospectAnswer {
        active: true,
        sub: Some(account.id),
        role: Some(claims.role),
        exp: Some(claims.exp),
        iat: Some(claims.iat),
        iss: Some(claims.iss),
    }))
}
