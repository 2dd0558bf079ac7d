//! `GET /orders`: the caller's orders, newest first; everybody's for staff.

use super::order_view::view;
use crate::{
    domain::parse_status,
    error::Error,
    state::App,
    store::order_lists::{self, Filter},
};
use axum::{Json, extract::State};
use contracts::{
    AccountId,
    access::ReadOrders,
    api::order::{OrderStatus, OrderView},
};
use serde::Deserialize;
use service_kit::{
    Problem,
    auth::OwnOr,
    extract::Listed,
    paging::{List, Page, PageQuery},
};
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderFilter {
    /// `pending`, `paid`, `fulfilled`, `completed` or `cancelled`.
    #[param(inline, value_type = Option<OrderStatus>)]
    status: Option<String>,
    /// Staff only: one customer's orders.
    customer_id: Option<AccountId>,
}

/// A customer's own orders; staff see all, or one customer's.
#[utoipa::path(
    get, path = "/orders", tag = "orders", security(("bearer" = []), ("bearer" = ["orders:read"])), params(PageQuery, OrderFilter),
    responses((status = 200, description = "A page of orders, newest first.", body = Page<OrderView>))
)]
pub(crate) async fn list_orders(
    OwnOr { viewer, .. }: OwnOr<ReadOrders>,
    State(app): State<App>,
    Listed { page, filter }: Listed<OrderFilter>,
) -> Result<Json<Page<OrderView>>, Problem> {
    let limit = page.limit()?;
    if let Some(status) = filter.status.as_deref().filter(|status| parse_status(status).is_none()) {
        let detail = format!("{status:?} is no status: expected pending, paid, fulfilled, completed or cancelled");
        return Err(Problem::field("status", detail));
    }
    let (owner, status) = (viewer.owner().or(filter.customer_id), filter.status.as_deref());
    let list = List::new("orders", &(owner, status));
    let filter = Filter { owner, status, before: list.after(page.after.as_deref())? };
    let mut connection = app.kit.database.acquire().await?;
    let rows = order_lists::list(&mut connection, filter, limit + 1).await?;
    let orders = rows.into_iter().map(view).collect::<Result<Vec<_>, Error>>()?;
    Ok(Json(list.page(orders, limit, |order| order.id)))
}
