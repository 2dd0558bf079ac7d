//! `GET /payments`: one's own payments, or for staff everybody's.

use super::payment_view::view;
use crate::{
    state::App,
    store::{payment_lists, payments},
};
use axum::{Json, extract::State};
use contracts::{
    OrderId, PaymentId,
    access::ReadPayments,
    api::payment::{PaymentStatus, PaymentView},
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
pub(crate) struct Filter {
    /// Only the payment of this order.
    order_id: Option<OrderId>,
    /// Only those that stand there.
    #[param(inline)]
    status: Option<PaymentStatus>,
}

/// Newest first. With `order_id` the payment of that order, or nothing: also when the order is somebody else's.
///
/// By status a page of everybody's looks through the newest 30,000 and goes on from there with the next: it may hold fewer
/// than were asked for, or none, while `next` leads on.
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
    let list = List::new("payments", &(viewer.owner(), filter.order_id, filter.status));
    let after: Option<PaymentId> = list.after(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    if let Some(order_id) = filter.order_id {
        let found = payments::find_by_order(&mut connection, viewer, order_id).await?.map(view);
        let found = found.filter(|payment| filter.status.is_none_or(|status| status == payment.status));
        return Ok(Json(Page { items: found.into_iter().collect(), next: None }));
    }
    let found = payment_lists::list(&mut connection, viewer, filter.status, after, limit + 1).await?;
    let page = list.page_to(found.payments, limit, |stored| stored.payment.id, found.looked_to);
    Ok(Json(page.map(view)))
}
