//! `GET /orders`: the caller's orders, newest first; everybody's for staff.

use super::{buyer::viewer, order_filter::Wanted, order_view::view};
use crate::{error::Error, state::App, store::order_lists};
use axum::{Json, extract::State};
use contracts::{access::ReadOrders, api::order::OrderView};
use service_kit::{
    Problem,
    auth::{GuestOr, OwnOr},
    extract::Listed,
    paging::{List, Page, PageQuery},
};

pub(crate) use super::order_filter::OrderFilter;

/// A customer's own orders; staff see all, or those they look for.
///
/// By SKU alone a page looks through the newest 30,000 lines and goes on from there with the next: it may hold fewer orders
/// than were asked for, or none, while `next` leads on.
#[utoipa::path(
    get, path = "/orders", tag = "orders", security(("bearer" = []), ("guest" = []), ("bearer" = ["orders:read"])), params(PageQuery, OrderFilter),
    responses((status = 200, description = "A page of orders, newest first.", body = Page<OrderView>))
)]
pub(crate) async fn list_orders(
    who: GuestOr<OwnOr<ReadOrders>>,
    State(app): State<App>,
    Listed { page, filter }: Listed<OrderFilter>,
) -> Result<Json<Page<OrderView>>, Problem> {
    let limit = page.limit()?;
    let wanted = Wanted::of(&filter, viewer(&who))?;
    let list = List::new("orders", &wanted);
    let after = list.after(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    if let Some(number) = wanted.number {
        let id = order_lists::id_of(&mut connection, number).await.map_err(Error::from)?;
        let found = match id {
            Some(id) => order_lists::find(&mut connection, id.into(), None).await?,
            None => None,
        };
        let found = found.filter(|order| wanted.holds(order)).map(view).transpose()?;
        return Ok(Json(Page { items: found.into_iter().collect(), next: None }));
    }
    let found = order_lists::list(&mut connection, wanted.filter(after), limit + 1).await?;
    let orders = found.orders.into_iter().map(view).collect::<Result<Vec<_>, Error>>()?;
    Ok(Json(list.page_to(orders, limit, |order| order.id, found.looked_to)))
}
