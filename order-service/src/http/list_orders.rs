//! `GET /orders`: the caller's orders, newest first; everybody's for staff.

use super::show_order::owner;
use crate::{
    app::App,
    store::{
        order_lists::{self, Filter, OrderView},
        orders::parse_status,
    },
};
use axum::{Json, extract::State};
use contracts::{AccountId, api::order::OrderStatus};
use serde::Deserialize;
use service_kit::{
    Problem,
    auth::SignedIn,
    extract::Query,
    paging::{self, List, Page},
};
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// 1 to 100, 20 unless given.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    after: Option<String>,
    /// `pending`, `paid`, `fulfilled`, `completed` or `cancelled`.
    #[param(inline, value_type = Option<OrderStatus>)]
    status: Option<String>,
    /// Staff only: one customer's orders.
    customer_id: Option<AccountId>,
}

/// A customer's own orders; staff see all, or one customer's.
#[utoipa::path(
    get, path = "/orders", tag = "orders", security(("bearer" = [])), params(Parameters),
    responses((status = 200, description = "A page of orders, newest first.", body = Page<OrderView>))
)]
pub(crate) async fn list_orders(
    person: SignedIn,
    State(app): State<App>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Page<OrderView>>, Problem> {
    let limit = paging::limit(parameters.limit)?;
    if let Some(status) = parameters.status.as_deref().filter(|status| parse_status(status).is_none()) {
        let detail = format!("{status:?} is no status: expected pending, paid, fulfilled, completed or cancelled");
        return Err(Problem::field("status", detail));
    }
    let (owner, status) = (owner(person).or(parameters.customer_id), parameters.status.as_deref());
    let list = List::new("orders", &(owner, status));
    let filter = Filter { owner, status, before: list.after(parameters.after.as_deref())? };
    let mut connection = app.kit.database.pool().acquire().await?;
    let rows = order_lists::list(&mut connection, filter, limit + 1).await?;
    Ok(Json(list.page(rows, limit, |order| order.id)))
}
