//! `/office/orders`: all orders, newest first, by what its address says; and what leaves together.

use super::{find, mark, reason, recipient, wish::Wish, word};
use crate::{
    account::moment,
    asked::{Asked, Filled},
    form::Trouble,
    layout,
    member::Stopped,
    next::Next,
    office::Clerk,
    refusal::Refusal,
    upstream::{Call, Page},
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{
    OrderId,
    access::{FulfilOrders, Permission, ReadOrders},
    api::order::{FulfilOrdersBody, FulfilledOrdersView, OrderStatus, OrderView},
};
use http::{Method, StatusCode};
use serde::Deserialize;

/// What a list can be narrowed to, and its words.
const STATUSES: [(&str, &str); 6] = [
    ("paid", "To be sent"),
    ("pending", "Waits for payment"),
    ("pending,paid", "Both of these"),
    ("fulfilled", "Sent"),
    ("completed", "Done"),
    ("cancelled", "Cancelled"),
];

#[derive(Template)]
#[template(path = "office/orders.html")]
struct OrdersPage<'a> {
    wish: &'a Wish,
    orders: &'a [OrderView],
    next: Option<String>,
    may_fulfil: bool,
    done: Option<String>,
    trouble: Option<Trouble>,
}

impl OrdersPage<'_> {
    fn can_leave(&self, order: &OrderView) -> bool {
        self.may_fulfil && order.status == OrderStatus::Paid
    }

    fn may_ask_for_mails(&self) -> bool {
        crate::visit::permissions().contains(Permission::ReadUsers)
    }
}

pub(crate) async fn list(staff: Clerk<ReadOrders>, Asked(wish): Asked<Wish>) -> Response {
    if !wish.q.trim().is_empty() {
        return found(&staff, wish.q.trim()).await;
    }
    shown(&staff, &wish).await
}

#[derive(Deserialize)]
pub(crate) struct Sought {
    #[serde(default)]
    q: String,
}

pub(crate) async fn find(staff: Clerk<ReadOrders>, Filled(sought): Filled<Sought>) -> Response {
    found(&staff, sought.q.trim()).await
}

/// Leads there; or says what it was taken for, and that there is none.
async fn found(staff: &Clerk<ReadOrders>, q: &str) -> Response {
    match find::place(staff, q).await {
        Ok(Ok(there)) => Redirect::to(&there).into_response(),
        Ok(Err(why)) => {
            let refusal = Refusal::ours(StatusCode::NOT_FOUND, "nothing_found", why);
            refused(staff, &Wish { q: q.to_owned(), ..Wish::default() }, &refusal)
        }
        Err(stopped) => stopped.page(),
    }
}

async fn shown(staff: &Clerk<ReadOrders>, wish: &Wish) -> Response {
    let query = match wish.query() {
        Ok(query) => query,
        Err(wrong) => {
            let text = format!("“{}” is no day: choose one, or write it as 2026-11-30.", wrong.0);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return refused(staff, wish, &Refusal::ours(status, "invalid_fields", text));
        }
    };
    let query = query.iter().map(|(name, value)| (*name, value.as_str()));
    match staff.ask::<Page<OrderView>>(Call::order(Method::GET, "/orders").with_query(query)).await {
        Ok(Page { items, next }) => {
            let next = next.map(|next| wish.going_on(&next));
            page(staff, wish, (&items, next), None)
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => refused(staff, wish, &Refusal::from(cause)),
    }
}

/// The page without its list.
fn refused(staff: &Clerk<ReadOrders>, wish: &Wish, refusal: &Refusal) -> Response {
    page(staff, wish, (&[], None), Some(refusal))
}

fn page(
    staff: &Clerk<ReadOrders>,
    wish: &Wish,
    (orders, next): (&[OrderView], Option<String>),
    refusal: Option<&Refusal>,
) -> Response {
    let may_fulfil = staff.permissions().contains(Permission::FulfilOrders);
    let trouble = refusal.map(Trouble::saying);
    let done = wish.done();
    let page = OrdersPage { wish, orders, next, may_fulfil, done, trouble };
    let page = layout::office_page(StatusCode::OK, &page);
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}

/// What was ticked leaves. Where all of it did, the list says so; else the page says why not.
pub(crate) async fn fulfil(staff: Clerk<FulfilOrders>, Filled(fields): Filled<Vec<(String, String)>>) -> Response {
    let given =
        |name: &'static str| fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str());
    let order_ids: Vec<OrderId> = given("order").filter_map(|id| id.parse().ok()).collect();
    let back = given("back").next().and_then(Next::parse).filter(|back| back.as_str().starts_with("/office/orders"));
    let back = back.as_ref().map_or("/office/orders", Next::as_str);
    if order_ids.is_empty() {
        return Redirect::to(back).into_response();
    }
    let body = FulfilOrdersBody { order_ids };
    let call = Call::order(Method::POST, "/orders/fulfil").with_body(&body);
    match staff.ask::<FulfilledOrdersView>(call).await {
        Ok(done) => told(&done, back),
        Err(stopped) => stopped.page(),
    }
}

#[derive(Template)]
#[template(path = "office/fulfilled.html")]
struct FulfilledPage<'a> {
    done: &'a FulfilledOrdersView,
    gone: usize,
    back: &'a str,
}

fn told(done: &FulfilledOrdersView, back: &str) -> Response {
    let gone = done.items.iter().filter(|one| one.fulfilled).count();
    if gone == done.items.len() {
        let joint = if back.contains('?') { '&' } else { '?' };
        return Redirect::to(&format!("{back}{joint}fulfilled={gone}")).into_response();
    }
    layout::office_page(StatusCode::CONFLICT, &FulfilledPage { done, gone, back })
}
