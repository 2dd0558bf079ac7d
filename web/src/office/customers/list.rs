//! `/office/customers`: accounts, the newest first; or those whose address is, or begins, as somebody types it. An address is
//! sent as a form, so that it stands in no address of a page.

use crate::{
    account::moment,
    asked::{Asked, Filled},
    form::Trouble,
    layout,
    member::Stopped,
    office::{Clerk, address::address},
    refusal::Refusal,
    upstream::{Call, Page},
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{
    access::ReadUsers,
    api::{guest::GuestView, user::UserView},
};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Place {
    /// What the field that leads anywhere sends.
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "office/customers.html")]
struct CustomersPage<'a> {
    q: &'a str,
    customers: &'a [UserView],
    /// Who ordered without an account with the whole address, the newest.
    guests: &'a [GuestView],
    /// A place in a list of what was searched for goes on as a form, too.
    next: Option<String>,
    trouble: Option<Trouble>,
}

impl CustomersPage<'_> {
    fn going_on(&self, next: &str) -> String {
        address("/office/customers", &[("after", next)])
    }
}

pub(crate) async fn list(staff: Clerk<ReadUsers>, Asked(place): Asked<Place>) -> Response {
    if !place.q.trim().is_empty() {
        return found(&staff, place.q.trim(), "").await;
    }
    let query = [("limit", "25"), ("after", &*place.after)];
    let query = query.into_iter().filter(|(_, value)| !value.is_empty());
    let answer = staff.ask(Call::get("/users").with_query(query)).await;
    shown("", &[], answer)
}

pub(crate) async fn find(staff: Clerk<ReadUsers>, Filled(filling): Filled<Filling>) -> Response {
    match filling.q.trim() {
        "" => Redirect::to("/office/customers").into_response(),
        q => found(&staff, q, &filling.after).await,
    }
}

/// One that has the whole address is who was meant.
async fn found(staff: &Clerk<ReadUsers>, q: &str, after: &str) -> Response {
    let mut guests = Vec::new();
    if q.contains('@') && after.is_empty() {
        match staff.ask::<Page<UserView>>(Call::get("/users").with_query([("email", q)])).await {
            Ok(page) => {
                if let Some(customer) = page.items.first() {
                    return Redirect::to(&format!("/office/customers/{}", customer.id)).into_response();
                }
            }
            Err(stopped) => return shown(q, &[], Err(stopped)),
        }
        match staff.ask::<Page<GuestView>>(Call::get("/users/guests").with_query([("email", q), ("limit", "25")])).await
        {
            Ok(page) => guests = page.items,
            Err(stopped) => return shown(q, &[], Err(stopped)),
        }
    }
    let query = [("limit", "25"), ("email_begins", q), ("after", after)];
    let query = query.into_iter().filter(|(_, value)| !value.is_empty());
    let answer = staff.ask(Call::get("/users").with_query(query)).await;
    shown(q, &guests, answer)
}

fn shown(q: &str, guests: &[GuestView], answer: Result<Page<UserView>, Stopped>) -> Response {
    match answer {
        Ok(Page { items, next }) => {
            let page = CustomersPage { q, customers: &items, guests, next, trouble: None };
            layout::office_page(StatusCode::OK, &page)
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            let trouble = if refusal.is_about("email_begins") {
                let text = "Write at least three letters of the address's beginning.";
                Trouble::saying(&Refusal::ours(refusal.status, "invalid_fields", text))
            } else {
                Trouble::saying_all(&refusal)
            };
            let page = CustomersPage { q, customers: &[], guests, next: None, trouble: Some(trouble) };
            refusal.stamped(layout::office_page(StatusCode::OK, &page))
        }
    }
}
