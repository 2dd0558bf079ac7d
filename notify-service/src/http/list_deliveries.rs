//! `GET /notifications/deliveries`: what became of the mails, for staff.

use super::delivery_view::view;
use crate::{error::Error, state::App, store::deliveries};
use axum::{Json, extract::State};
use contracts::{
    AccountId, OrderId,
    access::ReadNotifications,
    api::notify::{DeliveryStatus, DeliveryView},
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::Staff,
    extract::Listed,
    paging::{List, Page, PageQuery},
};
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesFilter {
    /// Only those in this state.
    #[param(inline)]
    status: Option<DeliveryStatus>,
    /// Only those to this person.
    account_id: Option<AccountId>,
    /// Only those about this order.
    order_id: Option<OrderId>,
}

/// All mails, newest first: how often they were tried and why they failed.
#[utoipa::path(
    get, path = "/notifications/deliveries", tag = "notifications", security(("bearer" = ["notifications:read"])),
    params(PageQuery, DeliveriesFilter),
    responses((status = 200, description = "A page of deliveries, newest first.", body = Page<DeliveryView>))
)]
pub(crate) async fn list_deliveries(
    _staff: Staff<ReadNotifications>,
    State(app): State<App>,
    Listed { page, filter }: Listed<DeliveriesFilter>,
) -> Result<Json<Page<DeliveryView>>, Problem> {
    let limit = page.limit()?;
    let list = List::new("deliveries", &filter);
    let after = list.after::<Uuid>(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    let DeliveriesFilter { status, account_id, order_id } = filter;
    let rows = if account_id.is_none() && order_id.is_none() {
        deliveries::list(&mut connection, status, after, limit).await?
    } else {
        let told = deliveries::told(&mut connection, account_id, order_id).await?;
        deliveries::list_of(&mut connection, &told, status, after, limit).await?
    };
    let Page { items, next } = list.page(rows, limit, |delivery| delivery.id);
    let items = items.into_iter().map(view).collect::<Result<_, Error>>()?;
    Ok(Json(Page { items, next }))
}
