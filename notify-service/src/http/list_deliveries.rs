//! `GET /deliveries`: what became of the mails, for staff.

use crate::{
    app::App,
    domain::DeliveryStatus,
    store::deliveries::{self, Delivery},
};
use axum::{Json, extract::State};
use contracts::{AccountId, MessageId};
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::Admin,
    extract::Query,
    paging::{self, List, Page},
};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesQuery {
    /// 1 to 100; 20 unless given.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    after: Option<String>,
    /// Only those in this state.
    #[param(inline)]
    status: Option<DeliveryStatus>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryAnswer {
    id: Uuid,
    message_id: MessageId,
    account_id: AccountId,
    template: String,
    channel: String,
    #[schema(value_type = DeliveryStatus)]
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

impl From<Delivery> for DeliveryAnswer {
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
    get, path = "/deliveries", tag = "operators", security(("bearer" = ["admin"])), params(DeliveriesQuery),
    responses((status = 200, description = "A page of deliveries, newest first.", body = Page<DeliveryAnswer>))
)]
pub(crate) async fn list_deliveries(
    _staff: Admin,
    State(app): State<App>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<Page<DeliveryAnswer>>, Problem> {
    let limit = paging::limit(query.limit)?;
    let list = List::new("deliveries", &query.status);
    let after = list.after::<Uuid>(query.after.as_deref())?;
    let mut connection = app.kit.database.pool().acquire().await?;
    let rows = deliveries::list(&mut connection, query.status, after, limit).await?;
    Ok(Json(list.page(rows, limit, |delivery| delivery.id).map(DeliveryAnswer::from)))
}
