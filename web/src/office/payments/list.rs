//! `/office/payments`: all payments, newest first.

use super::{mark, word};
use crate::{
    account::moment,
    asked::Asked,
    form::Trouble,
    layout,
    member::Stopped,
    office::{Clerk, address::address},
    refusal::Refusal,
    upstream::{Call, Page},
};
use askama::Template;
use axum::response::Response;
use contracts::{
    access::ReadPayments,
    api::payment::{PaymentStatus, PaymentView},
};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    status: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "office/payments.html")]
struct PaymentsPage<'a> {
    wish: &'a Wish,
    payments: &'a [PaymentView],
    next: Option<String>,
    trouble: Option<Trouble>,
}

pub(crate) async fn list(staff: Clerk<ReadPayments>, Asked(wish): Asked<Wish>) -> Response {
    let query = [("limit", "25"), ("status", &*wish.status), ("after", &*wish.after)];
    let query = query.into_iter().filter(|(_, value)| !value.is_empty());
    match staff.ask::<Page<PaymentView>>(Call::payment("/payments").with_query(query)).await {
        Ok(Page { items, next }) => {
            let next = next.map(|next| address("/office/payments", &[("status", &wish.status), ("after", &next)]));
            let page = PaymentsPage { wish: &wish, payments: &items, next, trouble: None };
            layout::office_page(StatusCode::OK, &page)
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            let trouble = Some(Trouble::saying_all(&refusal));
            let page = PaymentsPage { wish: &wish, payments: &[], next: None, trouble };
            refusal.stamped(layout::office_page(StatusCode::OK, &page))
        }
    }
}
