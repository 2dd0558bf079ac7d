//! `/office/payments/{id}`: one payment, what went back of it, and what the books have.

use super::{Books, mark, word};
use crate::{
    account::moment,
    asked::Named,
    layout,
    member::Stopped,
    office::{
        Clerk,
        part::{Part, part},
    },
    upstream::{Call, UpstreamError},
};
use askama::Template;
use axum::response::Response;
use contracts::{
    PaymentId,
    access::{Permission, ReadPayments},
    api::payment::{LedgerView, PaymentWithRefundsView},
};
use http::StatusCode;

#[derive(Template)]
#[template(path = "office/payment.html")]
struct PaymentPage {
    whole: PaymentWithRefundsView,
    ledger: Part<LedgerView>,
    may_see_order: bool,
    may_see_customer: bool,
}

pub(crate) async fn show(staff: Clerk<ReadPayments>, Named(id): Named) -> Response {
    let Ok(id) = id.parse::<PaymentId>() else { return layout::not_found().await };
    let whole: PaymentWithRefundsView = match staff.ask(Call::payment(&format!("/payments/{id}"))).await {
        Ok(whole) => whole,
        Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.status == StatusCode::NOT_FOUND => {
            return layout::not_found().await;
        }
        Err(stopped) => return stopped.page(),
    };
    let ledger = format!("/payments/{id}/ledger");
    let ledger = match part(&staff, Permission::ReadPayments, Call::payment(&ledger)).await {
        Ok(ledger) => ledger,
        Err(answer) => return answer,
    };
    let permissions = staff.permissions();
    let (may_see_order, may_see_customer) =
        (permissions.contains(Permission::ReadOrders), permissions.contains(Permission::ReadUsers));
    layout::office_page(StatusCode::OK, &PaymentPage { whole, ledger, may_see_order, may_see_customer })
}
