//! `GET /payments/{id}`: one payment with its refunds.

use super::payment_view::view;
use crate::{
    error::Error,
    state::App,
    store::{
        payments,
        refunds::{self, Shown},
    },
};
use axum::{Json, extract::State};
use contracts::{
    Currency, Money, PaymentId,
    access::ReadPayments,
    api::payment::{PaymentWithRefundsView, RefundView},
};
use service_kit::{Problem, auth::OwnOr, extract::Path};

fn refund(refund: Shown, currency: Currency) -> RefundView {
    RefundView {
        id: refund.id.into(),
        amount: Money::new(refund.amount, currency),
        status: refund.status,
        requested_at: refund.requested_at,
        completed_at: refund.completed_at,
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
    let refunds = shown.into_iter().map(|shown| refund(shown, currency)).collect();
    Ok(Json(PaymentWithRefundsView { payment: view(stored), refunds }))
}
