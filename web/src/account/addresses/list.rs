//! `/account/addresses`: all of them, and what a button does with one: it is deleted, or the default.

use super::{of, one_of};
use crate::{
    asked::{Asked, Before, Filled},
    form::Trouble,
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{
    AddressId,
    api::address_book::{AddressBody, AddressView},
};
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "account/addresses.html")]
struct AddressesPage {
    addresses: Vec<AddressView>,
    done: Option<Cow<'static, str>>,
    trouble: Option<Trouble>,
}

/// One of them holds an id.
#[derive(Deserialize)]
pub(crate) struct Filling {
    shipping: Option<String>,
    billing: Option<String>,
    delete: Option<String>,
}

enum Act {
    Delete(AddressId),
    Shipping(AddressId),
    Billing(AddressId),
}

impl Filling {
    /// None if it is made up.
    fn act(&self) -> Option<Act> {
        match (&self.shipping, &self.billing, &self.delete) {
            (Some(id), None, None) => id.parse().ok().map(Act::Shipping),
            (None, Some(id), None) => id.parse().ok().map(Act::Billing),
            (None, None, Some(id)) => id.parse().ok().map(Act::Delete),
            _ => None,
        }
    }
}

pub(crate) async fn list(member: Member, Asked(before): Asked<Before>) -> Response {
    let done = match &*before.done {
        "added" => Some(t!("address-added")),
        "changed" => Some(t!("address-changed")),
        "deleted" => Some(t!("address-deleted")),
        "shipping" => Some(t!("address-for-parcels")),
        "billing" => Some(t!("address-for-bills")),
        _ => None,
    };
    shown(&member, done, None).await
}

/// The list, with what went wrong before on top.
async fn shown(member: &Member, done: Option<Cow<'static, str>>, refusal: Option<Refusal>) -> Response {
    match of(member).await {
        Ok(addresses) => {
            let trouble = refusal.as_ref().map(Trouble::saying);
            let page = layout::page(StatusCode::OK, &AddressesPage { addresses, done, trouble });
            match refusal {
                Some(refusal) => refusal.stamped(page),
                None => page,
            }
        }
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn act(member: Member, Filled(filling): Filled<Filling>) -> Response {
    let (acted, done) = match filling.act() {
        Some(Act::Delete(id)) => (delete(&member, id).await, "deleted"),
        Some(Act::Shipping(id)) => (make_default(&member, id, (Some(true), None)).await, "shipping"),
        Some(Act::Billing(id)) => (make_default(&member, id, (None, Some(true))).await, "billing"),
        None => return Redirect::to("/account/addresses").into_response(),
    };
    match acted {
        Ok(true) => Redirect::to(&format!("/account/addresses?done={done}")).into_response(),
        Ok(false) => {
            let gone = Refusal::ours(StatusCode::NOT_FOUND, "address_not_found", t!("address-gone"));
            shown(&member, None, Some(gone)).await
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&member, None, Some(cause.into())).await,
    }
}

async fn delete(member: &Member, id: AddressId) -> Result<bool, Stopped> {
    member.ask::<IgnoredAny>(Call::delete(&format!("/auth/addresses/{id}"))).await.map(|_| true)
}

/// False if there is no such address. user-service takes an address as a whole: it is sent as it stands.
async fn make_default(
    member: &Member,
    id: AddressId,
    (default_shipping, default_billing): (Option<bool>, Option<bool>),
) -> Result<bool, Stopped> {
    let Some(address) = one_of(member, id).await? else { return Ok(false) };
    let body = AddressBody { default_shipping, default_billing, ..address.into() };
    member.ask::<IgnoredAny>(Call::put(&format!("/auth/addresses/{id}"), &body)).await.map(|_| true)
}
