//! `GET /internal/revocations`: sessions and API keys whose tokens no service is to accept any more.

use crate::{Error, changes::end_sessions::TOLD_FOR, state::App, store::revocations as store};
use axum::{Json, extract::State};
use contracts::{ServiceName, api::user::Revocations};
use serde::Deserialize;
use service_kit::{
    Problem,
    auth::{Caller, Callers},
    extract::Query,
};
use time::{Duration, OffsetDateTime};
use utoipa::IntoParams;

/// Every service checks tokens.
pub(crate) struct Everybody;

impl Callers for Everybody {
    const ALLOWED: &'static [ServiceName] = &ServiceName::ALL;
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Since {
    /// `asked_at` of the answer before, in milliseconds since 1970; 0 for all that still matters.
    since_ms: i64,
}

/// A transaction that noted a revocation at a time may commit a little later: so much is told again.
const OVERLAP: Duration = Duration::seconds(30);

/// What was revoked since the answer before, some of it perhaps again.
#[utoipa::path(
    get, path = "/internal/revocations", tag = "services", params(Since),
    security(("service" = ["user-service", "product-service", "order-service", "payment-service", "notify-service"])),
    responses((status = 200, description = "What was revoked.", body = Revocations))
)]
pub(crate) async fn revocations(
    _caller: Caller<Everybody>,
    State(app): State<App>,
    Query(Since { since_ms }): Query<Since>,
) -> Result<Json<Revocations>, Problem> {
    let asked_at = app.kit.clock.now();
    let since = OffsetDateTime::from_unix_timestamp_nanos(i128::from(since_ms) * 1_000_000);
    let since = since.unwrap_or(asked_at).saturating_sub(OVERLAP).max(asked_at - TOLD_FOR);
    let mut connection = app.kit.database.acquire().await?;
    let revoked = store::since(&mut connection, since).await.map_err(Error::from)?;
    Ok(Json(Revocations { asked_at, kept_seconds: TOLD_FOR.whole_seconds(), revoked }))
}
