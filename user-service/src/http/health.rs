//! `GET /auth/health`: the original's health check.

use axum::Json;
use serde::Serialize;
use service_kit::auth::Anybody;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthView {
    status: &'static str,
    service: &'static str,
}

/// Says that the service answers. `/readyz` on its own port says whether it can work.
#[utoipa::path(
    get, path = "/auth/health", tag = "accounts", responses((status = 200, description = "It answers.", body = HealthView))
)]
pub(crate) async fn health(_anybody: Anybody) -> Json<HealthView> {
    Json(HealthView { status: "ok", service: "user-service" })
}
