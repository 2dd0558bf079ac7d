//! `/office/customers/{id}`: one account with its orders; nobody gets in with it once it is suspended. Who has none is a
//! guest.

use crate::{
    account::{
        moment,
        step_up::{Proof, Way},
    },
    asked::{Asked, Filled, Named},
    form::Trouble,
    layout,
    member::Stopped,
    office::{Clerk, customers::guest, orders, part::Part},
    refusal::Refusal,
    upstream::{Call, Page, UpstreamError},
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{
    AccountId,
    access::{Permission, ReadUsers},
    api::{order::OrderView, user::UserView},
};
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

#[derive(Template)]
#[template(path = "office/customer.html")]
struct CustomerPage<'a> {
    customer: UserView,
    orders: Part<Page<OrderView>>,
    may_manage: bool,
    done: Option<&'static str>,
    reason: &'a str,
    trouble: Option<Trouble>,
}

impl CustomerPage<'_> {
    fn id(&self) -> AccountId {
        self.customer.id
    }
}

/// Of the address.
#[derive(Deserialize)]
pub(crate) struct Before {
    #[serde(default)]
    done: String,
    /// By what who erases a guest wants to prove who they are.
    #[serde(flatten)]
    way: Way,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    /// `suspend`, `restore` or, a guest, `erase`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    reason: String,
    #[serde(flatten)]
    proof: Proof,
}

pub(crate) async fn show(staff: Clerk<ReadUsers>, Named(id): Named, Asked(before): Asked<Before>) -> Response {
    let Ok(id) = id.parse::<AccountId>() else { return layout::not_found().await };
    let done = match &*before.done {
        "suspend" => Some("Nobody gets in with this account any more."),
        "restore" => Some("They get in again."),
        _ => None,
    };
    shown(&staff, id, &before.way, done, "", None).await
}

async fn shown(
    staff: &Clerk<ReadUsers>,
    id: AccountId,
    way: &Way,
    done: Option<&'static str>,
    reason: &str,
    refusal: Option<Refusal>,
) -> Response {
    let customer: UserView = match staff.ask(Call::get(&format!("/users/{id}"))).await {
        Ok(customer) => customer,
        Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.status == StatusCode::NOT_FOUND => {
            return guest::show(staff, id, way).await;
        }
        Err(stopped) => return stopped.page(),
    };
    let orders = match super::orders_of(staff, id).await {
        Ok(orders) => orders,
        Err(answer) => return answer,
    };
    let may_manage = staff.permissions().contains(Permission::ManageUsers);
    let trouble = refusal.as_ref().map(Trouble::saying_all);
    let page = CustomerPage { customer, orders, may_manage, done, reason, trouble };
    let page = layout::office_page(StatusCode::OK, &page);
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}

pub(crate) async fn act(staff: Clerk<ReadUsers>, Named(id): Named, Filled(filling): Filled<Filling>) -> Response {
    let Ok(id) = id.parse::<AccountId>() else { return layout::not_found().await };
    let Filling { act, reason, proof } = filling;
    let path = format!("/users/{id}/{act}");
    let body = match &*act {
        "suspend" => json!({ "reason": reason }),
        "restore" => json!({}),
        "erase" => return guest::erase(&staff, id, proof).await,
        _ => return Redirect::to(&format!("/office/customers/{id}")).into_response(),
    };
    match staff.ask::<IgnoredAny>(Call::post(&path, &body)).await {
        Ok(_) => Redirect::to(&format!("/office/customers/{id}?done={act}")).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&staff, id, &Way::default(), None, &reason, Some(cause.into())).await,
    }
}
