//! `/orders`: what one has ordered; `/orders/{id}`: one of them, and what can still be done about it.

use super::{basket::Basket, customer::Customer, guests::Guests};
use crate::{
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
use http::{Method, StatusCode};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use std::borrow::Cow;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A page that follows its order without a script comes again after so many seconds; of an order that has waited for a minute
/// less often, and of one that waits much longer than payments are waited for not at all.
const AGAIN: [(Duration, u32); 2] = [(Duration::minutes(1), 2), (Duration::minutes(30), 15)];

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
    /// Whether it was ordered without an account.
    guest: bool,
    /// Whether the address it goes to was kept, where that was asked for.
    kept: String,
    following: Following,
}

/// How the page becomes what the order is.
enum Following {
    /// It is settled, or something else is told.
    No,
    /// By a script; without one when it is asked for again.
    ByHand,
    /// By a script; without one it comes again after so many seconds.
    Again(u32),
}

impl Following {
    fn of(order: &OrderView, still: bool, now: OffsetDateTime) -> Self {
        let again = AGAIN.iter().find(|(age, _)| now - order.created_at < *age);
        match again {
            _ if is_settled(order) => Self::No,
            Some((_, seconds)) if !still => Self::Again(*seconds),
            _ => Self::ByHand,
        }
    }
}

/// The buttons for what can be done about it.
#[derive(Template)]
#[template(path = "order_acts.html")]
pub(super) struct Acts {
    pub(super) status: OrderStatus,
}

impl Acts {
    fn can_be_cancelled(&self) -> bool {
        matches!(self.status, OrderStatus::Pending | OrderStatus::Paid)
    }

    fn can_be_ordered_again(&self) -> bool {
        self.status == OrderStatus::Cancelled
    }
}

impl OrderPage {
    fn acts(&self) -> Acts {
        Acts { status: self.order.status }
    }

    /// The lines of where it goes; "erased" where the person was.
    fn address(&self) -> Vec<String> {
        address_lines(&self.order)
    }
}

/// Where an order goes, line by line.
pub(crate) fn address_lines(order: &OrderView) -> Vec<String> {
    let part = |name: &str| order.shipping_address[name].as_str().unwrap_or_default().to_owned();
    let town = format!("{} {}", part("postal_code"), part("city"));
    let lines = [part("name"), part("line1"), part("line2"), town, part("region"), part("country")];
    lines.into_iter().filter(|line| !line.trim().is_empty()).collect()
}

/// Whether it is paid, or will not be.
pub(super) fn is_settled(order: &OrderView) -> bool {
    order.status != OrderStatus::Pending
}

/// Where it stands, in words.
pub(super) fn told(order: &OrderView) -> Cow<'static, str> {
    match (order.status, order.cancel_reason.as_deref()) {
        (OrderStatus::Pending, _) => t!("order-pending"),
        (OrderStatus::Paid, _) => t!("order-paid"),
        (OrderStatus::Fulfilled, _) => t!("order-fulfilled"),
        (OrderStatus::Completed, _) => t!("order-completed"),
        (OrderStatus::Cancelled, Some("payment_declined")) => t!("order-declined"),
        (OrderStatus::Cancelled, Some("payment_overdue")) => t!("order-overdue"),
        (OrderStatus::Cancelled, Some("reservation_expired")) => t!("order-expired"),
        (OrderStatus::Cancelled, _) => t!("order-cancelled"),
    }
}

#[derive(Deserialize)]
pub(crate) struct Place {
    after: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    /// Anything: the page does not come again by itself.
    #[serde(default)]
    still: String,
    /// `yes` or `no`.
    #[serde(default)]
    kept: String,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    /// `cancel` or `again`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    key: String,
}

pub(crate) async fn list(member: Result<Member, Response>, guests: Guests, Asked(place): Asked<Place>) -> Response {
    let member = match member {
        Ok(member) => member,
        Err(login) if guests.all().is_empty() => return login,
        Err(_) => return list_of_guests(&guests).await,
    };
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

/// What was ordered in this browser without an account.
async fn list_of_guests(guests: &Guests) -> Response {
    let mut orders = Vec::new();
    for secret in guests.all() {
        match guests.ask::<Page<OrderView>>(&secret, Call::order(Method::GET, "/orders")).await {
            Ok(Page { items, .. }) => {
                items.iter().for_each(|order| guests.keep(&secret, Some(order.id)));
                orders.extend(items);
            }
            // Of a guest who is none any more: what they ordered is in an account, or forgotten.
            Err(Stopped::Failed(UpstreamError::Refused(refused)))
                if matches!(&*refused.code, "guest_joined" | "invalid_guest" | "token_revoked") =>
            {
                guests.forget(&secret);
            }
            Err(stopped) => return stopped.page(),
        }
    }
    guests.told(layout::page(StatusCode::OK, &OrdersPage { orders, next: None }))
}

pub(crate) async fn show(
    member: Result<Member, Response>,
    guests: Guests,
    State(app): State<App>,
    Named(id): Named,
    Asked(wish): Asked<Wish>,
) -> Response {
    let Ok(id) = id.parse::<OrderId>() else { return layout::not_found().await };
    match Customer::of(id, member, guests) {
        Ok(customer) => shown(&customer, &app, id, &wish, None).await,
        Err(login) => login,
    }
}

async fn shown(customer: &Customer, app: &App, id: OrderId, wish: &Wish, refusal: Option<Refusal>) -> Response {
    match customer.ask::<OrderView>(Call::order(Method::GET, &format!("/orders/{id}"))).await {
        Ok(order) => {
            let following = match refusal {
                Some(_) => Following::No,
                None => Following::of(&order, !wish.still.is_empty(), app.clock.now()),
            };
            let trouble = refusal.as_ref().map(Trouble::saying);
            let (key, guest) = (app.clock.new_id(), customer.is_guest());
            let is_live = !matches!(following, Following::No);
            let kept = wish.kept.clone();
            let page = OrderPage { order, key, trouble, guest, kept, following };
            let page = if is_live { layout::live_page(&page) } else { layout::page(StatusCode::OK, &page) };
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
    member: Result<Member, Response>,
    guests: Guests,
    basket: Basket,
    State(app): State<App>,
    Named(id): Named,
    Filled(filling): Filled<Filling>,
) -> Response {
    let Ok(id) = id.parse::<OrderId>() else { return layout::not_found().await };
    let customer = match Customer::of(id, member, guests) {
        Ok(customer) => customer,
        Err(login) => return login,
    };
    let (done, there) = match &*filling.act {
        "cancel" => (cancel(&customer, id, &filling.key).await, format!("/orders/{id}")),
        "again" => (again(&customer, &basket, id, &filling.key).await, "/cart?done=again".to_owned()),
        _ => (Ok(()), format!("/orders/{id}")),
    };
    let answer = match done {
        Ok(()) => Redirect::to(&there).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&customer, &app, id, &Wish::default(), Some(cause.into())).await,
    };
    basket.told(answer)
}

async fn cancel(customer: &Customer, id: OrderId, key: &str) -> Result<(), Stopped> {
    let path = format!("/orders/{id}/cancel");
    let call = Call::order(Method::POST, &path).with_body(&json!({})).with_header("idempotency-key", key);
    customer.ask::<IgnoredAny>(call).await.map(drop)
}

/// What was ordered comes into the cart once more: a second click on the same page adds nothing.
async fn again(customer: &Customer, basket: &Basket, id: OrderId, key: &str) -> Result<(), Stopped> {
    let order: OrderView = customer.ask(Call::order(Method::GET, &format!("/orders/{id}"))).await?;
    let cart = basket.open().await?.id;
    let path = format!("/carts/{cart}/lines");
    for line in &order.lines {
        let (body, key) = (json!({ "sku": line.sku, "quantity": line.quantity }), format!("{key}-{}", line.sku));
        let call = Call::order(Method::POST, &path).with_body(&body).with_header("idempotency-key", &key);
        match basket.change(call).await {
            Ok(()) => {}
            // What is not sold any more is left out.
            Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.code == "sku_not_sold" => {}
            Err(stopped) => return Err(stopped),
        }
    }
    Ok(())
}
