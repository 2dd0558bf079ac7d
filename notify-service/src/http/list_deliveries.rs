//! `GET /deliveries`: what became of the mails, for staff.

use crate::{
    domain::DeliveryStatus,
    state::App,
    store::deliveries::{self, Delivery},
};
use axum::{Json, extract::State};
use contracts::{AccountId, MessageId, access::ReadNotifications};
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::Staff,
    extract::Listed,
    paging::{List, Page, PageQuery},
};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesFilter {
    /// Only those in this state.
    #[param(inline)]
    status: Option<DeliveryStatusView>,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryStatusView {
    /// For its next attempt.
    Waiting,
    /// An attempt is being made.
    Sending,
    /// The mail server has taken it.
    Sent,
    /// Given up.
    Failed,
}

impl From<DeliveryStatusView> for DeliveryStatus {
    fn from(status: DeliveryStatusView) -> Self {
        match status {
            DeliveryStatusView::Waiting => Self::Waiting,
            DeliveryStatusView::Sending => Self::Sending,
            DeliveryStatusView::Sent => Self::Sent,
            DeliveryStatusView::Failed => Self::Failed,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    id: Uuid,
    message_id: MessageId,
    account_id: AccountId,
    template: String,
    channel: String,
    #[schema(value_type = DeliveryStatusView)]
    status: String,
    attempts: i32,
    /// When it is tried next, or, while sending, when somebody else may take it over.
    #[serde(with = "time::serde::rfc3339::option")]
    next_at: Option<OffsetDateTime>,
    last_error: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    sent_at: Option<OffsetDateTime>,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            message_id: delivery.message_id.into(),
            account_id: delivery.account_id.into(),
            template: delivery.template,
            channel: delivery.channel,
            status: delivery.status,
            attempts: delivery.attempts,
            next_at: delivery.next_at,
            last_error: delivery.last_error,
            created_at: delivery.created_at,
            sent_at: delivery.sent_at,
        }
    }
}

/// All deliveries, newest first: how often they were tried and why they failed.
#[utoipa::path(
    get, path = "/deliveries", tag = "operators", security(("bearer" = ["notifications:read"])), params(PageQuery, DeliveriesFilter),
    responses((status = 200, description = "A page of deliveries, newest first.", body = Page<DeliveryView>))
)]
pub(crate) async fn list_deliveries(
    _staff: Staff<ReadNotifications>,
    State(app): State<App>,
    Listed { page, filter }: Listed<DeliveriesFilter>,
) -> Result<Json<Page<DeliveryView>>, Problem> {
    let limit = page.limit()?;
    let list = List::new("deliveries", &filter.status);
    let after = list.after::<Uuid>(page.after.as_deref())?;
    let mut connection = app.kit.database.acquire().await?;
    let rows = deliveries::list(&mut connection, filter.status.map(DeliveryStatus::from), after, limit).await?;
    Ok(Json(list.page(rows, limit, |delivery| delivery.id).map(DeliveryView::from)))
}
