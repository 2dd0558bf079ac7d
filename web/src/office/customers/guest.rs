//! `/office/customers/{id}` of somebody without an account: who ordered as a guest, with their orders. Who writes from their
//! mailbox that they want to be erased is, there; of who was, it is shown how far that is.

use crate::{
    account::{
        moment,
        progress::{Did, Progress},
        step_up::{self, Asks, Proof, Way},
    },
    form::{Form, Trouble},
    layout,
    member::Stopped,
    office::{Clerk, orders, part::Part},
    refusal::Refusal,
    upstream::{Call, Page, UpstreamError},
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{
    AccountId,
    access::{Permission, ReadUsers},
    api::{
        guest::GuestView,
        order::OrderView,
        personal_data::{ErasureStatus, ErasureView},
    },
};
use http::StatusCode;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;

#[derive(Template)]
#[template(path = "office/guest.html")]
struct GuestPage {
    guest: GuestView,
    orders: Part<Page<OrderView>>,
    /// Erases them, for whoever may.
    form: Option<Form>,
    trouble: Option<Trouble>,
}

#[derive(Template)]
#[template(path = "office/erased.html")]
struct ErasedPage {
    erasure: ErasureView,
}

impl GuestPage {
    fn id(&self) -> AccountId {
        self.guest.id
    }
}

impl ErasedPage {
    fn progress(&self) -> Progress<'_> {
        Progress { did: Did::Erase, services: &self.erasure.services }
    }
}

pub(super) async fn show(staff: &Clerk<ReadUsers>, id: AccountId, way: &Way) -> Response {
    let guest = match there::<GuestView>(staff, &format!("/users/guests/{id}")).await {
        Ok(Some(guest)) => guest,
        Ok(None) => return erased(staff, id).await,
        Err(stopped) => return stopped.page(),
    };
    let may_erase = guest.account_id.is_none() && staff.permissions().contains(Permission::ManageUsers);
    let asks = if may_erase { Asks::of(staff, way).await.map(Some) } else { Ok(None) };
    match asks {
        Ok(asks) => shown(staff, guest, asks, None).await,
        Err(stopped) => stopped.page(),
    }
}

async fn erased(staff: &Clerk<ReadUsers>, id: AccountId) -> Response {
    match there::<ErasureView>(staff, &format!("/users/{id}/erasure")).await {
        Ok(Some(erasure)) => layout::office_page(StatusCode::OK, &ErasedPage { erasure }),
        Ok(None) => layout::not_found().await,
        Err(stopped) => stopped.page(),
    }
}

async fn there<T: DeserializeOwned>(staff: &Clerk<ReadUsers>, path: &str) -> Result<Option<T>, Stopped> {
    match staff.ask(Call::get(path)).await {
        Ok(found) => Ok(Some(found)),
        Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.status == StatusCode::NOT_FOUND => Ok(None),
        Err(stopped) => Err(stopped),
    }
}

async fn shown(staff: &Clerk<ReadUsers>, guest: GuestView, asks: Option<Asks>, refusal: Option<Refusal>) -> Response {
    let orders = match super::orders_of(staff, guest.id).await {
        Ok(orders) => orders,
        Err(answer) => return answer,
    };
    let mut form = asks.map(|asks| {
        let form = Form::new("erase", format!("/office/customers/{}", guest.id), "Erase this guest");
        step_up::asked_in(form.hidden("act", "erase"), asks)
    });
    let trouble = refusal.as_ref().map(|refusal| match &mut form {
        Some(form) => form.refused(refusal),
        None => Trouble::saying_all(refusal),
    });
    let page = layout::office_page(StatusCode::OK, &GuestPage { guest, orders, form, trouble });
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}

/// Erases a guest, and nobody who has an account: their owner is told, and has days to keep it.
pub(super) async fn erase(staff: &Clerk<ReadUsers>, id: AccountId, proof: Proof) -> Response {
    let guest = match there::<GuestView>(staff, &format!("/users/guests/{id}")).await {
        Ok(Some(guest)) => guest,
        Ok(None) => return Redirect::to(&format!("/office/customers/{id}")).into_response(),
        Err(stopped) => return stopped.page(),
    };
    let (path, body, asked) = (format!("/users/{id}/erasure"), json!({}), proof.asked());
    match proof.ask::<IgnoredAny>(staff, Call::post(&path, &body)).await {
        Ok(_) => Redirect::to(&format!("/office/customers/{id}")).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            shown(staff, guest, Some(asked.again(&refusal)), Some(refusal)).await
        }
    }
}
