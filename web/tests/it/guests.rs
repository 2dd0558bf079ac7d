//! Ordering without an account, and what the owner of the mailbox can do about it.

use crate::stand_in::{Browser, Desk, done, logged_in, open, problem, wrong};
use serde_json::{Value, json};

const CART: &str = "01890a5d-ac96-774b-bcce-b302099a8070";
const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8072";
const CHECKOUT: &str = "POST /carts/01890a5d-ac96-774b-bcce-b302099a8070/checkout";
const MAKE: &str = "POST /auth/guests";
pub(crate) const AGAIN: &str = "POST /auth/guests/token";

fn euro(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

fn cart(pieces: i64) -> Value {
    let line = json!({
        "sku": "MUG", "name": "A <MUG>", "quantity": pieces, "unit_price": euro(1299), "line_total": euro(1299 * pieces),
        "product_id": null, "picture": null, "changes": [],
    });
    let lines = if pieces == 0 { json!([]) } else { json!([line]) };
    json!({
        "id": CART, "version": 3, "lines": lines, "total": euro(1299 * pieces), "changed": false, "checked": true,
        "expires_at": "2099-01-02T03:04:05Z", "token": "guest-cart",
    })
}

fn order(status: &str) -> Value {
    json!({
        "id": ORDER, "number": 1001, "customer_id": "01890a5d-ac96-774b-bcce-b302099a8058", "status": status,
        "cancel_reason": null, "lines": [{
            "sku": "MUG", "name": "A <MUG>", "quantity": 2, "unit_price": euro(1299), "line_total": euro(2598),
        }],
        "total": euro(2598), "refunded": euro(0), "payment_method": "sim_ok",
        "shipping_address": { "name": "Ada", "line1": "1 <Road>", "postal_code": "1", "city": "Town", "country": "DE" },
        "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
    })
}

pub(crate) fn token(which: u32) -> Value {
    json!({
        "guest_id": "01890a5d-ac96-774b-bcce-b302099a8058", "token": format!("guest-{which}"), "token_type": "Bearer",
        "expires_in": 900,
    })
}

/// A browser with two mugs in its cart.
pub(crate) async fn shopping() -> (Desk, Browser) {
    let (desk, browser) = open().await;
    desk.answer("POST /carts", 201, cart(0)).answer(&format!("POST /carts/{CART}/lines"), 200, cart(2));
    browser.send("/cart", &[("act", "add"), ("sku", "MUG"), ("quantity", "2"), ("key", "k1")]).await;
    desk.anew();
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(2));
    (desk, browser)
}

fn filled(email: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("email", email),
        ("cart", CART),
        ("version", "3"),
        ("key", "k9"),
        ("name", "Ada"),
        ("line1", "1 Road"),
        ("postal_code", "1"),
        ("city", "Town"),
        ("country", "DE"),
        ("payment_method", "sim_ok"),
    ]
}

/// The same, who has ordered.
pub(crate) async fn ordered() -> (Desk, Browser) {
    let (desk, browser) = shopping().await;
    desk.answer(MAKE, 201, token(1)).answer(CHECKOUT, 201, order("pending"));
    browser.send("/checkout", &filled("ada@example.com")).await.leads_to(&format!("/orders/{ORDER}"));
    (desk, browser)
}

#[tokio::test]
async fn who_is_not_logged_in_is_offered_both_ways() {
    let (_, nobody) = open().await;
    nobody.get("/checkout").await.leads_to("/cart");
    let (_desk, browser) = shopping().await;
    let page = browser.get("/checkout").await;
    page.holds(
        200,
        &["id=\"checkout-email\"", "type=\"email\"", "href=\"/login?next=%2Fcheckout\"", "Order and pay", "€25.98"],
    );
    let (desk, member) = logged_in(900).await;
    desk.answer("GET /auth/addresses", 200, json!({ "items": [], "next": null })).answer("POST /carts", 200, cart(2));
    member.get("/checkout").await.holds(200, &["Order and pay"]).lacks(&["checkout-email", "/login?next"]);
}

/// The click that comes twice, and the back button: the same guest, the same key, the same order.
#[tokio::test]
async fn a_guest_orders_and_the_same_click_again_sends_the_same() {
    let (desk, browser) = shopping().await;
    desk.answer(MAKE, 201, token(1)).answer(CHECKOUT, 201, order("pending"));
    for _ in 0..2 {
        browser.send("/checkout", &filled("ada@example.com")).await.leads_to(&format!("/orders/{ORDER}"));
    }
    let asked = desk.asked();
    let of = |line: &str| asked.iter().filter(|asked| asked.line == line).collect::<Vec<_>>();
    let (made, placed) = (of(MAKE), of(CHECKOUT));
    assert_eq!((made.len(), placed.len()), (2, 2));
    assert_eq!(made[0].body, made[1].body);
    assert_eq!((&made[0].body["email"], &made[0].body["cart_id"]), (&json!("ada@example.com"), &json!(CART)));
    assert_eq!(made[0].body["secret"].as_str().unwrap().len(), 43);
    for one in placed {
        assert_eq!(one.header("idempotency-key"), "k9");
        assert_eq!((one.header("authorization"), one.header("cart-token")), ("Bearer guest-1", "guest-cart"));
        assert_eq!(one.body["shipping_address"]["line1"], "1 Road");
        assert!(one.body.get("email").is_none(), "order-service has no use for it");
    }
    // Another tab, under another key, is the same guest: one of both orders.
    let mut tab = filled("Ada@example.com ");
    tab[3] = ("key", "k10");
    desk.answer(CHECKOUT, 409, problem("cart_changed", "It was ordered meanwhile."));
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(0));
    desk.answer(CHECKOUT, 409, problem("cart_changed", "It was ordered meanwhile."));
    browser.send("/checkout", &tab).await;
    let secrets: Vec<_> =
        desk.asked().iter().filter(|asked| asked.line == MAKE).map(|asked| asked.body["secret"].clone()).collect();
    assert_eq!(secrets.len(), 3);
    assert!(secrets.iter().all(|secret| *secret == secrets[0]));
}

#[tokio::test]
async fn an_order_is_shown_in_the_browser_that_ordered_it_and_in_no_other() {
    let (desk, browser) = ordered().await;
    assert!(browser.has("__Host-guest"));
    desk.anew();
    let path = format!("/orders/{ORDER}");
    desk.answer(AGAIN, 200, token(2)).answer(&format!("GET {path}"), 200, order("pending"));
    let page = browser.get(&path).await;
    page.holds(200, &["Order 1001", "You ordered without an account", "Cancel the order"]);
    assert_eq!(desk.asked().last().unwrap().header("authorization"), "Bearer guest-2");
    desk.answer(&format!("POST {path}/cancel"), 200, order("cancelled"));
    browser.send(&path, &[("act", "cancel"), ("key", "k2")]).await.leads_to(&path);
    assert_eq!(desk.asked().last().unwrap().header("idempotency-key"), "k2");
    desk.answer("GET /orders", 200, json!({ "items": [order("pending")], "next": null }));
    browser.get("/orders").await.holds(200, &["Order 1001"]);
    // Another order's page, and another browser.
    let other = "/orders/01890a5d-ac96-774b-bcce-b302099a8099";
    browser.get(other).await.leads_to(&format!("/login?next={}", other.replace('/', "%2F")));
    let (_, stranger) = open().await;
    stranger.get(&path).await.leads_to(&format!("/login?next=%2Forders%2F{ORDER}"));
    stranger.get("/orders").await.leads_to("/login?next=%2Forders");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept() {
    let (desk, browser) = shopping().await;
    desk.answer(MAKE, 422, wrong(&[("/email", "is not an e-mail address")]));
    let page = browser.send("/checkout", &filled("no address")).await;
    page.holds(
        422,
        &["id=\"checkout-email-trouble\"", "value=\"no address\"", "value=\"1 Road\"", "I have an account"],
    );
    assert!(!desk.lines().contains(&CHECKOUT.to_owned()), "nothing is ordered");
    let late = json!({ "code": "too_many_guests", "detail": "…" });
    desk.anew();
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(2)).answer_later(MAKE, 429, late, 120);
    let page = browser.send("/checkout", &filled("ada@example.com")).await;
    page.holds(429, &["Try again in 2 minutes", "name=\"key\" value=\"k9\""]);
    assert_eq!(page.headers["retry-after"], "120");
}

/// A member's form, sent after the log-in is over, is no guest's; and a form of another cart orders nothing.
#[tokio::test]
async fn whose_log_in_is_over_is_not_taken_for_a_guest() {
    let (desk, browser) = shopping().await;
    let without: Vec<_> = filled("").into_iter().filter(|(name, _)| *name != "email").collect();
    browser.send("/checkout", &without).await.leads_to("/login?next=%2Fcheckout");
    let mut other = filled("ada@example.com");
    other[1] = ("cart", ORDER);
    browser.send("/checkout", &other).await.leads_to("/cart");
    assert!(!desk.lines().iter().any(|line| line.starts_with("POST /auth/guests") || line.contains("checkout")));
}

#[tokio::test]
async fn what_is_in_an_account_by_now_leads_to_the_log_in() {
    let (desk, browser) = ordered().await;
    desk.anew();
    desk.answer(AGAIN, 409, problem("guest_joined", "…"));
    browser.get(&format!("/orders/{ORDER}")).await.leads_to(&format!("/login?next=%2Forders%2F{ORDER}"));
    assert!(!browser.has("__Host-guest"));
    // Who orders once more with the same address is another guest.
    desk.anew();
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(2)).answer(CHECKOUT, 201, order("pending"));
    desk.answer(MAKE, 409, problem("guest_joined", "…")).answer(MAKE, 201, token(3));
    browser.send("/checkout", &filled("ada@example.com")).await.leads_to(&format!("/orders/{ORDER}"));
    let asked = desk.asked();
    assert_ne!(asked[0].body["secret"], asked[1].body["secret"]);
}

#[tokio::test]
async fn the_link_of_the_mail_changes_nothing_before_its_button_is_pressed() {
    let (desk, browser) = open().await;
    let view = |has_account: bool, joined: bool| json!({ "has_account": has_account, "joined": joined });
    desk.answer("POST /auth/guests/link", 200, view(true, false));
    let page = browser.get("/guest?token=abc").await;
    page.holds(200, &["Put it into my account", "forget my address", "name=\"token\" value=\"abc\""]);
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(desk.lines(), ["POST /auth/guests/link"]);
    desk.answer("POST /auth/guests/join", 200, done());
    browser.send("/guest", &[("token", "abc"), ("act", "join")]).await.holds(200, &["It is in your account", "/login"]);
    desk.answer("POST /auth/guests/forget", 200, done());
    browser.send("/guest", &[("token", "abc"), ("act", "forget")]).await.holds(200, &["Your address is forgotten"]);
    desk.anew();
    desk.answer("POST /auth/guests/link", 200, view(false, false));
    browser.get("/guest?token=abc").await.holds(200, &["href=\"/register\""]).lacks(&["Put it into my account"]);
    browser.get("/guest").await.holds(400, &["lacks its token"]);
    desk.anew();
    desk.answer("POST /auth/guests/link", 422, problem("invalid_link", "This link is not valid"));
    browser.get("/guest?token=abc").await.holds(422, &["This link is not valid"]);
}
