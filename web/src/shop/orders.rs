//! `/orders`: what one has ordered; `/orders/{id}`: one of them, and what can still be done about it.

use super::basket::Basket;
use crate::{
    account::moment,
    asked::{Asked, Filled, Named},
    form::Trouble,
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    state::App,
    upstream::{Call, Page, UpstreamError},
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    OrderId,
    api::order::{OrderStatus, OrderView},
};
use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use uuid::Uuid;

/// A page that follows its order without a script comes again after so many seconds.
const AGAIN: u64 = 2;

#[derive(Template)]
#[template(path = "orders.html")]
struct OrdersPage {
    orders: Vec<OrderView>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "order.html")]
struct OrderPage {
    order: OrderView,
    key: Uuid,
    trouble: Option<Trouble>,
}

impl OrderPage {
    fn can_be_cancelled(&self) -> bool {
        matches!(self.order.status, OrderStatus::Pending | OrderStatus::Paid)
    }

    fn can_be_ordered_again(&self) -> bool {
        self.order.status == OrderStatus::Cancelled
    }

    /// The lines of where it goes; "erased" where the person was.
    fn address(&self) -> Vec<String> {
        let part = |name: &str| self.order.shipping_address[name].as_str().unwrap_or_default().to_owned();
        let town = format!("{} {}", part("postal_code"), part("city"));
        let lines = [part("name"), part("line1"), part("line2"), town, part("region"), part("country")];
        lines.into_iter().filter(|line| !line.trim().is_empty()).collect()
    }
}

/// Where it stands, in words.
fn told(order: &OrderView) -> &'static str {
    match (order.status, order.cancel_reason.as_deref()) {
        (OrderStatus::Pending, _) => "We have your order, and wait for its payment.",
        (OrderStatus::Paid, _) => "It is paid, and waits to be sent.",
        (OrderStatus::Fulfilled, _) => "It is on its way to you.",
        (OrderStatus::Completed, _) => "It is done.",
        (OrderStatus::Cancelled, Some("payment_declined")) => {
            "Its payment was declined, and it is cancelled. Nothing was charged."
        }
        (OrderStatus::Cancelled, Some("payment_overdue")) => {
            "Its payment did not come in time, and it is cancelled. What comes later is given back."
        }
        (OrderStatus::Cancelled, Some("reservation_expired")) => {
            "What it held was given to others meanwhile, and it is cancelled. What was paid is given back."
        }
        (OrderStatus::Cancelled, _) => "It is cancelled. What was paid is given back.",
    }
}

#[derive(Deserialize)]
pub(crate) struct Place {
    after: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    /// `cancel` or `again`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    key: String,
}

pub(crate) async fn list(member: Member, Asked(place): Asked<Place>) -> Response {
    let query = place.after.as_deref().map(|after| ("after", after));
    match member.ask::<Page<OrderView>>(Call::order(Method::GET, "/orders").with_query(query)).await {
        Ok(Page { items, next }) => {
            let next = next.map(|next| {
                let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("after", &next).finish();
                format!("/orders?{query}")
            });
            layout::page(StatusCode::OK, &OrdersPage { orders: items, next })
        }
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn show(member: Member, State(app): State<App>, Named(id): Named) -> Response {
    let Ok(id) = id.parse::<OrderId>() else { return layout::not_found().await };
    shown(&member, &app, id, None).await
}

async fn shown(member: &Member, app: &App, id: OrderId, refusal: Option<Refusal>) -> Response {
    match member.ask::<OrderView>(Call::order(Method::GET, &format!("/orders/{id}"))).await {
        Ok(order) => {
            let waits = order.status == OrderStatus::Pending && refusal.is_none();
            let trouble = refusal.as_ref().map(Trouble::saying);
            let mut page = layout::page(StatusCode::OK, &OrderPage { order, key: app.clock.new_id(), trouble });
            if waits {
                page.headers_mut().insert(header::REFRESH, HeaderValue::from(AGAIN));
            }
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
    member: Member,
    basket: Basket,
    State(app): State<App>,
    Named(id): Named,
    Filled(filling): Filled<Filling>,
) -> Response {
    let Ok(id) = id.parse::<OrderId>() else { return layout::not_found().await };
    let (done, there) = match &*filling.act {
        "cancel" => (cancel(&member, id, &filling.key).await, format!("/orders/{id}")),
        "again" => (again(&member, &basket, id, &filling.key).await, "/cart?done=again".to_owned()),
        _ => (Ok(()), format!("/orders/{id}")),
    };
    let answer = match done {
        Ok(()) => Redirect::to(&there).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&member, &app, id, Some(cause.into())).await,
    };
    basket.told(answer)
}

async fn cancel(member: &Member, id: OrderId, key: &str) -> Result<(), Stopped> {
    let path = format!("/orders/{id}/cancel");
    let call = Call::order(Method::POST, &path).with_body(&json!({})).with_header("idempotency-key", key);
    member.ask::<IgnoredAny>(call).await.map(drop)
}

/// What was ordered comes into the cart once more: a second click on the same page adds nothing.
async fn again(member: &Member, basket: &Basket, id: OrderId, key: &str) -> Result<(), Stopped> {
    let order: OrderView = member.ask(Call::order(Method::GET, &format!("/orders/{id}"))).await?;
    let cart = basket.open().await?.id;
    let path = format!("/carts/{cart}/lines");
    for line in &order.lines {
        let (body, key) = (json!({ "sku": line.sku, "quantity": line.quantity }), format!("{key}-{}", line.sku));
        let call = Call::order(Method::POST, &path).with_body(&body).with_header("idempotency-key", &key);
        match basket.ask::<IgnoredAny>(call).await {
            Ok(_) => {}
            // What is not sold any more is left out.
            Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.code == "sku_not_sold" => {}
            Err(stopped) => return Err(stopped),
        }
    }
    Ok(())
}
