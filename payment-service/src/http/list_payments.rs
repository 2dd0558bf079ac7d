//! `GET /payments`: one's own payments, or for staff everybody's.

use super::view::PaymentView;
use crate::{
    app::App,
    store::{Viewer, payments},
};
use axum::{Json, extract::State};
use contracts::{OrderId, PaymentId};
use serde::Deserialize;
use service_kit::{
    Problem,
    auth::SignedIn,
    extract::Query,
    paging::{self, Page},
};
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListPayments {
    /// Only the payment of this order.
    order_id: Option<OrderId>,
    /// 1 to 100; 20 when left out.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Newest first. With `order_id` the payment of that order, or nothing: also when the order is somebody else's.
#[utoipa::path(
    get, path = "/payments", tag = "payments", security(("bearer" = [])), params(ListPayments),
    responses((status = 200, body = Page<PaymentView>))
)]
pub(crate) async fn list_payments(
    person: SignedIn,
    State(app): State<App>,
    Query(query): Query<ListPayments>,
) -> Result<Json<Page<PaymentView>>, Problem> {
    let viewer = Viewer::from(person);
    let limit = paging::limit(query.limit)?;
    let after: Option<PaymentId> = paging::after(query.after.as_deref())?;
    let mut connection = app.kit.database.pool().acquire().await?;
    let page = match query.order_id {
        Some(order_id) => {
            let found = payments::find_by_order(&mut connection, viewer, order_id).await?;
            Page { items: found.into_iter().collect(), next: None }
        }
        None => {
            let rows = payments::list(&mut connection, viewer, after, limit + 1).await?;
            Page::cut(rows, limit, |stored| stored.payment.id)
        }
    };
    Ok(Json(page.map(PaymentView::from)))
}
