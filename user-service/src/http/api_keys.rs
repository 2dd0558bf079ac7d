//! `/users/api-keys`: what machines show to say who they are; and `POST /internal/api-keys/exchange`, by which a service
//! learns what one is worth.

use super::{manage_user::by, revocations::Everybody};
use crate::{
    Error,
    changes::api_keys::{self as change, Wanted},
    domain::ApiKey,
    state::App,
    store::api_keys::{self, StoredKey},
};
use axum::{Json, extract::State};
use contracts::{
    ApiKeyId,
    access::{ManageKeys, Permission},
    api::user::{ExchangeRequest, Exchanged},
};
use http::{HeaderName, StatusCode};
use serde::{Deserialize, Serialize};
use service_kit::{
    ClientAddress, Problem,
    auth::{Caller, Fresh, Staff},
    extract::{Body, Path},
    paging::Page,
    text,
};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyView {
    id: ApiKeyId,
    name: String,
    /// What the key begins with.
    #[schema(examples("ecomkey_k3Jd9x"))]
    prefix: String,
    permissions: Vec<Permission>,
    /// Who made it: an account, or another key.
    made_by: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    /// To a minute.
    #[serde(with = "time::serde::rfc3339::option")]
    last_used_at: Option<OffsetDateTime>,
    /// Until then the key before the last rotation works too.
    #[serde(with = "time::serde::rfc3339::option")]
    previous_until: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    revoked_at: Option<OffsetDateTime>,
}

impl From<StoredKey> for ApiKeyView {
    fn from(key: StoredKey) -> Self {
        Self {
            permissions: key.permissions().iter().collect(),
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            made_by: key.made_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            previous_until: key.previous_until,
            revoked_at: key.revoked_at,
        }
    }
}

/// All API keys, the newest first, on one page.
#[utoipa::path(
    get, path = "/users/api-keys", tag = "staff", security(("bearer" = ["keys:manage"])),
    responses((status = 200, description = "All of them.", body = Page<ApiKeyView>))
)]
pub(crate) async fn list_api_keys(
    _staff: Staff<ManageKeys>,
    State(app): State<App>,
) -> Result<Json<Page<ApiKeyView>>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let keys = api_keys::list(&mut connection).await.map_err(Error::from)?;
    Ok(Json(Page { items: keys.into_iter().map(ApiKeyView::from).collect(), next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MakeApiKeyRequest)]
pub(crate) struct MakeApiKeyBody {
    /// For people.
    #[schema(min_length = 1, max_length = 100, examples("Warehouse scanner"))]
    name: String,
    /// What it may do: nothing that you may not.
    #[schema(min_items = 1)]
    permissions: Vec<Permission>,
    /// Never unless given.
    #[serde(default, with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = NewApiKey)]
pub(crate) struct NewApiKeyView {
    id: ApiKeyId,
    /// Send it as `Authorization: Bearer …`. It is shown this once.
    key: String,
    /// Until then the key before works too.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    previous_until: Option<OffsetDateTime>,
}

const NO_STORE: [(HeaderName, &str); 1] = super::tokens::NO_STORE;
type Shown = ([(HeaderName, &'static str); 1], Json<NewApiKeyView>);

/// Makes an API key, of permissions that you have yourself. The answer shows it, this once.
#[utoipa::path(
    post, path = "/users/api-keys", tag = "staff", security(("bearer" = ["keys:manage"])),
    request_body = MakeApiKeyBody,
    responses(
        (status = 201, description = "The key.", body = NewApiKeyView),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`.")
    )
)]
pub(crate) async fn make_api_key(
    Fresh(staff): Fresh<Staff<ManageKeys>>,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<MakeApiKeyBody>,
) -> Result<(StatusCode, Shown), Problem> {
    let name = text::line(&request.name, 100).map_err(|why| Problem::field("/name", why.to_string()))?;
    if request.permissions.is_empty() {
        return Err(Problem::field("/permissions", "is empty: such a key could do nothing"));
    }
    if request.expires_at.is_some_and(|end| end <= app.kit.clock.now()) {
        return Err(Problem::field("/expires_at", "is over already"));
    }
    let wanted =
        Wanted { name, permissions: request.permissions.into_iter().collect(), expires_at: request.expires_at };
    let mut tx = app.kit.database.begin("make_api_key").await?;
    let (id, key) = change::make(&app, &mut tx, by(&staff, client), wanted).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    let view = NewApiKeyView { id, key: key.into_string(), previous_until: None };
    Ok((StatusCode::CREATED, (NO_STORE, Json(view))))
}

/// Another key in its place; the one before works for another day.
#[utoipa::path(
    post, path = "/users/api-keys/{id}/rotate", tag = "staff", security(("bearer" = ["keys:manage"])),
    params(("id" = ApiKeyId, Path)),
    responses(
        (status = 200, description = "The key.", body = NewApiKeyView),
        (status = 401, description = "As everywhere; and `step_up_required`."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`.")
    )
)]
pub(crate) async fn rotate_api_key(
    Fresh(staff): Fresh<Staff<ManageKeys>>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<ApiKeyId>,
) -> Result<Shown, Problem> {
    let mut tx = app.kit.database.begin("rotate_api_key").await?;
    let (key, until) = change::rotate(&app, &mut tx, by(&staff, client), id).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((NO_STORE, Json(NewApiKeyView { id, key: key.into_string(), previous_until: Some(until) })))
}

/// Revokes a key: within seconds no service takes it any more.
#[utoipa::path(
    delete, path = "/users/api-keys/{id}", tag = "staff", security(("bearer" = ["keys:manage"])),
    params(("id" = ApiKeyId, Path)),
    responses(
        (status = 204, description = "It works no more."),
        (status = 403, description = "`forbidden`, `beyond_own_permissions`.")
    )
)]
pub(crate) async fn revoke_api_key(
    staff: Staff<ManageKeys>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.kit.database.begin("revoke_api_key").await?;
    change::revoke(&app, &mut tx, by(&staff, client), id).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// An access token that speaks for an API key.
#[utoipa::path(
    post, path = "/internal/api-keys/exchange", tag = "services", request_body = ExchangeRequest,
    security(("service" = ["user-service", "product-service", "order-service", "payment-service", "notify-service"])),
    responses(
        (status = 200, description = "The token.", body = Exchanged),
        (status = 422, description = "`invalid_api_key`.")
    )
)]
pub(crate) async fn exchange_api_key(
    _caller: Caller<Everybody>,
    State(app): State<App>,
    Body(request): Body<ExchangeRequest>,
) -> Result<Json<Exchanged>, Problem> {
    let mut tx = app.kit.database.begin("exchange_api_key").await?;
    let token = change::exchange(&app, &mut tx, &ApiKey::given(&request.key)).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(Json(Exchanged { token }))
}
