//! `GET /payments/{id}/ledger`: what the books have of a payment.

use crate::{
    error::Error,
    state::App,
    store::{
        ledger::{self, Booked},
        payments, refunds,
    },
};
use axum::{Json, extract::State};
use contracts::{
    PaymentId,
    access::ReadPayments,
    api::payment::{BookedEntryView, BookedView, LedgerView},
};
use service_kit::{
    Problem,
    auth::{Staff, Viewer},
    extract::Path,
};

/// What was booked when the payment was captured, and when money went back. Only for staff.
#[utoipa::path(
    get, path = "/payments/{id}/ledger", tag = "payments", security(("bearer" = ["payments:read"])),
    params(("id" = PaymentId, Path)),
    responses((status = 200, description = "The transactions with their entries.", body = LedgerView))
)]
pub(crate) async fn show_ledger(
    _staff: Staff<ReadPayments>,
    State(app): State<App>,
    Path(id): Path<PaymentId>,
) -> Result<Json<LedgerView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    payments::find(&mut connection, Viewer::Staff, id).await?.ok_or(Error::NoSuchPayment)?;
    let refunds = refunds::list(&mut connection, id).await?;
    let refunds: Vec<_> = refunds.into_iter().map(|refund| refund.id).collect();
    let booked = ledger::of_payment(&mut connection, id, &refunds).await?;
    Ok(Json(LedgerView { items: booked.into_iter().map(view).collect() }))
}

fn view(booked: Booked) -> BookedView {
    let Booked { id, kind, source_id, booked_at, entries } = booked;
    let entries = entries.into_iter().map(|(account, amount)| BookedEntryView { account, amount }).collect();
    BookedView { id, kind, source_id, booked_at, entries }
}
