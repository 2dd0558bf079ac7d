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
    paging::{self, List, Page},
};
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListPayments {
    /// Only the payment of this order.
    order_id: Option<OrderId>,
    /// 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    after: Option<String>,
}

/// Newest first. With `order_id` the payment of that order, or nothing: also when the order is somebody else's.
#[utoipa::path(
    get, path = "/payments", tag = "payments", security(("bearer" = [])), params(ListPayments),
    responses((status = 200, description = "A page of payments, newest first.", body = Page<PaymentView>))
)]
pub(crate) async fn list_payments(
    person: SignedIn,
    State(app): State<App>,
    Query(query): Query<ListPayments>,
) -> Result<Json<Page<PaymentView>>, Problem> {
    let viewer = Viewer::from(person);
    let limit = paging::limit(query.limit)?;
    let list = List::new("payments", &((!person.is_admin()).then_some(person.account_id), query.order_id));
    let after: Option<PaymentId> = list.after(query.after.as_deref())?;
    let mut connection = app.kit.database.pool().acquire().await?;
    let page = match query.order_id {
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
