//! `GET /internal/orders/{id}`: product-service asks before it lets a reservation expire.

use crate::{Error, app::App, store::orders};
use axum::{Json, extract::State};
use contracts::{OrderId, ServiceName, api::order::OrderState};
use service_kit::{
    Problem,
    auth::{Caller, Callers},
    extract::Path,
};

pub(crate) struct StockKeeper;

impl Callers for StockKeeper {
    const ALLOWED: &'static [ServiceName] = &[ServiceName::Product];
}

/// Where an order stands; 404 when it was never stored.
#[utoipa::path(
    get, path = "/internal/orders/{id}", tag = "services", security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, body = OrderState))
)]
pub(crate) async fn order_state(
    _caller: Caller<StockKeeper>,
    State(app): State<App>,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderState>, Problem> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let status = orders::state(&mut connection, id).await?.ok_or(Error::NotFound)?;
    Ok(Json(OrderState { id, status }))
}
