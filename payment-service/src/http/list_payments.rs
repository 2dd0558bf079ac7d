//! `GET /payments`: one's own payments, or for staff everybody's.

use super::payment_view::PaymentView;
use crate::{state::App, store::payments};
use axum::{Json, extract::State};
use contracts::{OrderId, PaymentId, access::ReadPayments};
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
pub(crate) struct Filter {
    /// Only the payment of this order.
    order_id: Option<OrderId>,
}

/// Newest first. With `order_id` the payment of that order, or nothing: also when the order is somebody else's.
#[utoipa::path(
    get, path = "/payments", tag = "payments", security(("bearer" = []), ("bearer" = ["payments:read"])), params(Filter, PageQuery),
    responses((status = 200, description = "A page of payments, newest first.", body = Page<PaymentView>))
)]
pub(crate) async fn list_payments(
    OwnOr { viewer, .. }: OwnOr<ReadPayments>,
    State(app): State<App>,
    Listed { page, filter }: Listed<Filter>,
) -> Result<Json<Page<PaymentView>>, Problem> {
    let limit = page.limit()?;
    let list = List::new("payments", &(viewer.owner(), filter.order_id));
    let after: Option<PaymentId> = list.after(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    let page = match filter.order_id {
        Some(order_id) => {
            let found = payments::find_by_order(&mut connection, viewer, order_id).await?;
            Page { items: found.into_iter().collect(), next: None }
        }
        None => {
            let rows = payments::list(&mut connection, viewer, after, limit + 1).await?;
            list.page(rows, limit, |stored| stored.payment.id)
        }
    };
    Ok(Json(page.map(PaymentView::from)))
}
