//! `GET /payments/{id}`: one payment with its refunds.

use super::payment_view::PaymentView;
use crate::{
    error::Error,
    state::App,
    store::{
        payments,
        refunds::{self, Shown},
    },
};
use axum::{Json, extract::State};
use contracts::{Currency, Money, PaymentId, RefundId, access::ReadPayments};
use serde::Serialize;
use service_kit::{Problem, auth::OwnOr, document::one_of, extract::Path};
use time::OffsetDateTime;
use utoipa::{ToSchema, openapi::Object};

#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentWithRefundsView {
    #[serde(flatten)]
    payment: PaymentView,
    /// Oldest first.
    refunds: Vec<RefundView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RefundView {
    id: RefundId,
    amount: Money,
    /// `requested`, `unknown` (sent, the answer is still missing) or `completed`.
    #[schema(schema_with = statuses)]
    status: String,
    #[serde(with = "time::serde::rfc3339")]
    requested_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    completed_at: Option<OffsetDateTime>,
}

fn statuses() -> Object {
    one_of(&["requested", "unknown", "completed"])
}

impl RefundView {
    fn of(refund: Shown, currency: Currency) -> Self {
        Self {
            id: refund.id.into(),
            amount: Money::new(refund.amount, currency),
            status: refund.status,
            requested_at: refund.requested_at,
            completed_at: refund.completed_at,
        }
    }
}

/// One payment with its refunds. Another customer's is not found.
#[utoipa::path(
    get, path = "/payments/{id}", tag = "payments", security(("bearer" = []), ("bearer" = ["payments:read"])), params(("id" = PaymentId, Path)),
    responses((status = 200, description = "The payment as it stands.", body = PaymentWithRefundsView))
)]
pub(crate) async fn show_payment(
    OwnOr { viewer, .. }: OwnOr<ReadPayments>,
    State(app): State<App>,
    Path(id): Path<PaymentId>,
) -> Result<Json<PaymentWithRefundsView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let found = payments::find(&mut connection, viewer, id).await?;
    let stored = found.ok_or(Error::NoSuchPayment)?;
    let currency = stored.payment.total.currency;
    let shown = refunds::list(&mut connection, id).await?;
    let refunds = shown.into_iter().map(|refund| RefundView::of(refund, currency)).collect();
    Ok(Json(PaymentWithRefundsView { payment: stored.into(), refunds }))
}
