//! `/office/orders/{id}`: one order with all that is known of it, and what can still be done about it.

use super::{
    detail::{Detail, Paid},
    mark, reason, word,
};
use crate::{
    account::{
        moment,
        step_up::{self, Asks, Proof, Way},
    },
    asked::{Asked, Filled, Named},
    form::{Form, Trouble},
    layout,
    member::Stopped,
    office::{Clerk, address::address, part::Part},
    refusal::Refusal,
    state::App,
    upstream::{Call, UpstreamError},
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    OrderId,
    access::{Permission, Permissions, ReadOrders},
    api::order::{NoteBody, OrderStatus},
};
use http::{Method, StatusCode};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "office/order.html")]
struct OrderPage {
    detail: Detail,
    permissions: Permissions,
    /// Of the form for whatever is done next, once.
    key: Uuid,
    done: Option<&'static str>,
    /// A note that was refused.
    note: String,
    /// Asks who it is, before much money goes back.
    proof: Option<Form>,
    trouble: Option<Trouble>,
    /// Whether `/flow` is there.
    flow: bool,
}

impl OrderPage {
    fn may_fulfil(&self) -> bool {
        self.detail.order.status == OrderStatus::Paid && self.permissions.contains(Permission::FulfilOrders)
    }

    /// What was paid goes back then, which is more.
    fn may_cancel(&self) -> bool {
        let needed = match self.detail.order.status {
            OrderStatus::Pending => [Permission::WriteOrders, Permission::WriteOrders],
            OrderStatus::Paid => [Permission::WriteOrders, Permission::RefundOrders],
            _ => return false,
        };
        needed.into_iter().all(|permission| self.permissions.contains(permission))
    }

    fn may_write(&self) -> bool {
        self.permissions.contains(Permission::WriteOrders)
    }

    fn is_paid(&self) -> bool {
        self.detail.order.status == OrderStatus::Paid
    }

    fn orders_of(&self, sku: &str) -> String {
        address("/office/orders", &[("sku", sku)])
    }

    /// The lines of where it goes.
    fn address(&self) -> Vec<String> {
        crate::shop::address_lines(&self.detail.order)
    }
}

/// Of the address.
#[derive(Deserialize)]
pub(crate) struct Before {
    #[serde(default)]
    done: String,
    /// By what who cancels wants to prove who they are.
    #[serde(flatten)]
    way: Way,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    /// `fulfil`, `cancel` or `note`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    text: String,
    #[serde(flatten)]
    proof: Proof,
}

pub(crate) async fn show(
    staff: Clerk<ReadOrders>,
    State(app): State<App>,
    Named(id): Named,
    Asked(before): Asked<Before>,
) -> Response {
    let Ok(id) = id.parse::<OrderId>() else { return layout::not_found().await };
    let done = match &*before.done {
        "fulfil" => Some("It is on its way."),
        "cancel" => Some("It is cancelled. What was paid goes back."),
        "note" => Some("The note is written."),
        _ => None,
    };
    let mut shown = Shown { done, ..Shown::default() };
    if before.way.is_passkey() {
        let key: Uuid = app.clock.new_id();
        match Asks::of(&staff, &before.way).await {
            Ok(asks) => shown.proof = Some(proof_form(id, &key.to_string(), asks)),
            Err(Stopped::LoginOver(answer)) => return answer,
            Err(Stopped::Failed(cause)) => shown.refusal = Some(cause.into()),
        }
    }
    page(&staff, &app, id, shown).await
}

/// What stands on the page besides the order.
#[derive(Default)]
struct Shown {
    done: Option<&'static str>,
    note: String,
    proof: Option<Form>,
    refusal: Option<Refusal>,
}

async fn page(staff: &Clerk<ReadOrders>, app: &App, id: OrderId, shown: Shown) -> Response {
    let Shown { done, note, mut proof, refusal } = shown;
    match Detail::of(staff, id).await {
        Ok(detail) => {
            let trouble = refusal.as_ref().map(|refusal| match &mut proof {
                Some(form) => form.refused(refusal),
                None => Trouble::saying_all(refusal),
            });
            let (permissions, key) = (staff.permissions(), app.clock.new_id());
            let page = OrderPage { detail, permissions, key, done, note, proof, trouble, flow: app.settings.flow };
            let page = layout::office_page(StatusCode::OK, &page);
            match refusal {
                Some(refusal) => refusal.stamped(page),
                None => page,
            }
        }
        Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.status == StatusCode::NOT_FOUND => {
            layout::not_found().await
        }
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn act(
    staff: Clerk<ReadOrders>,
    State(app): State<App>,
    Named(id): Named,
    Filled(filling): Filled<Filling>,
) -> Response {
    let Ok(id) = id.parse::<OrderId>() else { return layout::not_found().await };
    let Filling { act, key, text, proof } = filling;
    let there = format!("/office/orders/{id}");
    let done = match &*act {
        "fulfil" => {
            let path = format!("/orders/{id}/fulfil");
            staff.ask::<IgnoredAny>(Call::order(Method::POST, &path).with_body(&json!({}))).await
        }
        "note" => {
            let (path, body) = (format!("/orders/{id}/notes"), NoteBody { text: text.clone() });
            let call = Call::order(Method::POST, &path).with_body(&body).with_header("idempotency-key", &key);
            staff.ask::<IgnoredAny>(call).await
        }
        "cancel" => return cancel(&staff, &app, id, &key, proof).await,
        _ => return Redirect::to(&there).into_response(),
    };
    match done {
        Ok(_) => Redirect::to(&format!("{there}?done={act}")).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let shown = Shown { note: text, refusal: Some(cause.into()), ..Shown::default() };
            page(&staff, &app, id, shown).await
        }
    }
}

/// Cancels once for each page that had the button. Where the service wants to know who it is first, the page asks, and goes
/// on under the same key.
async fn cancel(staff: &Clerk<ReadOrders>, app: &App, id: OrderId, key: &str, proof: Proof) -> Response {
    let path = format!("/orders/{id}/cancel");
    let call = Call::order(Method::POST, &path).with_body(&json!({})).with_header("idempotency-key", key);
    let asked = proof.is_given().then(|| proof.asked());
    let done: Result<IgnoredAny, Stopped> =
        if asked.is_some() { proof.ask(staff, call).await } else { staff.ask(call).await };
    let cause = match done {
        Ok(_) => return Redirect::to(&format!("/office/orders/{id}?done=cancel")).into_response(),
        Err(Stopped::LoginOver(answer)) => return answer,
        Err(Stopped::Failed(cause)) => cause,
    };
    let wanted = matches!(&cause, UpstreamError::Refused(refused) if refused.code == "step_up_required");
    let refusal = Refusal::from(cause);
    let asks = match asked {
        Some(asked) => Ok(asked.again(&refusal)),
        None if wanted => Asks::of(staff, &Way::default()).await,
        None => return page(staff, app, id, Shown { refusal: Some(refusal), ..Shown::default() }).await,
    };
    match asks {
        Ok(asks) => {
            let proof = Some(proof_form(id, key, asks));
            page(staff, app, id, Shown { proof, refusal: Some(refusal), ..Shown::default() }).await
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            page(staff, app, id, Shown { refusal: Some(cause.into()), ..Shown::default() }).await
        }
    }
}

fn proof_form(id: OrderId, key: &str, asks: Asks) -> Form {
    let form = Form::new("refund", format!("/office/orders/{id}"), "Cancel, and give the money back");
    step_up::asked_in(form.hidden("act", "cancel").hidden("key", key), asks)
}
