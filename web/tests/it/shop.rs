//! A product, the cart, the checkout and one's orders.

use crate::stand_in::{Desk, logged_in, open, problem, wrong};
use serde_json::{Value, json};

pub(crate) const CART: &str = "01890a5d-ac96-774b-bcce-b302099a8070";
pub(crate) const OWN: &str = "01890a5d-ac96-774b-bcce-b302099a8071";
pub(crate) const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8072";

fn euro(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

pub(crate) fn line(sku: &str, quantity: i64, changes: &Value) -> Value {
    json!({
        "sku": sku, "name": format!("A <{sku}>"), "quantity": quantity, "unit_price": euro(1299),
        "line_total": euro(1299 * quantity), "product_id": null, "picture": null, "changes": changes,
    })
}

pub(crate) fn cart(id: &str, lines: &[Value]) -> Value {
    let changed = lines.iter().any(|line| line["changes"] != json!([]));
    json!({
        "id": id, "version": 3, "lines": lines, "total": euro(2598), "changed": changed, "checked": true,
        "expires_at": "2099-01-02T03:04:05Z", "something_new": true,
    })
}

pub(crate) fn with_token(mut cart: Value) -> Value {
    cart["token"] = json!("guest-token");
    cart
}

pub(crate) fn order(status: &str, reason: Option<&str>) -> Value {
    json!({
        "id": ORDER, "number": 1001, "customer_id": "01890a5d-ac96-774b-bcce-b302099a8058", "status": status,
        "cancel_reason": reason, "lines": [{
            "sku": "MUG", "name": "A <MUG>", "quantity": 2, "unit_price": euro(1299), "line_total": euro(2598),
        }],
        "total": euro(2598), "refunded": euro(0), "payment_method": "sim_ok",
        "shipping_address": { "name": "Ada", "line1": "1 <Road>", "postal_code": "1", "city": "Town", "country": "DE" },
        "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z", "something_new": true,
    })
}

pub(crate) const ADD: [(&str, &str); 4] = [("act", "add"), ("sku", "MUG"), ("quantity", "2"), ("key", "k1")];

pub(crate) fn filled(desk: &Desk) {
    desk.answer("POST /carts", 201, with_token(cart(CART, &[])));
    desk.answer(&format!("POST /carts/{CART}/lines"), 200, cart(CART, &[line("MUG", 2, &json!([]))]));
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(CART, &[line("MUG", 2, &json!([]))]));
}

#[tokio::test]
async fn a_product_has_a_button_that_puts_it_into_the_cart() {
    let (desk, browser) = open().await;
    let product = json!({
        "id": CART, "sku": "MUG", "name": "A <mug>", "description": "Holds tea.\n\nAnd coffee.", "category": "kitchen",
        "price": euro(1299), "available": 3, "picture": "/products/pictures/abc", "status": "active", "version": 3,
        "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
    });
    desk.answer("GET /products/by-sku/MUG", 200, product.clone());
    let page = browser.get("/products/MUG").await;
    page.holds(
        200,
        &[
            "A &#60;mug&#62;",
            "<p>And coffee.</p>",
            "/api/products/pictures/abc",
            "action=\"/cart\"",
            "name=\"sku\" value=\"MUG\"",
            "only 3 left, sent when it is paid",
            "<link rel=\"canonical\" href=\"http://localhost:8080/products/MUG\">",
            "<meta property=\"og:image\" content=\"http://localhost:8080/api/products/pictures/abc\">",
        ],
    );
    let data = page.text.split("ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["name"], "A <mug>");
    assert_eq!((&data["offers"]["price"], &data["offers"]["priceCurrency"]), (&json!("12.99"), &json!("EUR")));
    assert_eq!(data["offers"]["availability"], "https://schema.org/InStock");
    let key = |text: &str| text.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_ne!(key(&page.text), key(&browser.get("/products/MUG").await.text));

    desk.anew();
    let mut gone = product.clone();
    gone["status"] = json!("archived");
    desk.answer("GET /products/by-sku/MUG", 200, gone);
    let page = browser.get("/products/MUG").await;
    page.holds(410, &["not sold any more"]);
    assert!(!page.text.contains("Put into the cart"));
    browser.get("/products/NOPE").await.holds(404, &["There is nothing at this address."]);
}

#[tokio::test]
async fn a_guest_gets_a_cart_with_the_first_thing_and_the_browser_keeps_it() {
    let (desk, browser) = open().await;
    browser.get("/cart").await.holds(200, &["There is nothing in it yet."]);
    assert_eq!(desk.lines(), [""; 0]);
    filled(&desk);
    let answer = browser.send("/cart", &ADD).await;
    assert_eq!((answer.status, answer.location()), (303, "/cart?done=added"));
    assert!(browser.has("__Host-cart"));
    let asked = desk.asked();
    let added = asked.last().unwrap();
    assert_eq!(added.line, format!("POST /carts/{CART}/lines"));
    assert_eq!(added.body, json!({ "sku": "MUG", "quantity": 2 }));
    assert_eq!((added.header("cart-token"), added.header("idempotency-key")), ("guest-token", "k1"));
    let page = browser.get("/cart?done=added").await;
    page.holds(200, &["It is in your cart.", "A &#60;MUG&#62;", "€25.98", "href=\"/checkout\""]);
    // No second cart is made.
    browser.send("/cart", &ADD).await;
    assert_eq!(desk.lines().iter().filter(|line| *line == "POST /carts").count(), 1);
}

#[tokio::test]
async fn lines_are_changed_and_taken_out() {
    let (desk, browser) = open().await;
    filled(&desk);
    browser.send("/cart", &ADD).await;
    let path = format!("/carts/{CART}/lines/MUG");
    desk.answer(&format!("PUT {path}"), 200, cart(CART, &[])).answer(&format!("DELETE {path}"), 200, cart(CART, &[]));
    let change = [("act", "put"), ("sku", "MUG"), ("quantity", "5")];
    browser.send("/cart", &change).await;
    let asked = desk.asked();
    let put = asked.last().unwrap();
    assert_eq!((put.line.as_str(), &put.body), (&*format!("PUT {path}"), &json!({ "quantity": 5 })));
    browser.send("/cart", &[("act", "put"), ("sku", "MUG"), ("quantity", "5"), ("remove", "MUG")]).await;
    assert_eq!(desk.lines().last().unwrap(), &format!("DELETE {path}"));
    // What is refused is told above the cart, with all that is in it.
    desk.anew();
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(CART, &[line("MUG", 2, &json!([]))]));
    desk.answer(&format!("PUT {path}"), 422, wrong(&[("/quantity", "must be 1 to 999")]));
    let page = browser.send("/cart", &[("act", "put"), ("sku", "MUG"), ("quantity", "many")]).await;
    page.holds(422, &["class=\"trouble\"", "A &#60;MUG&#62;"]);
}

#[tokio::test]
async fn what_has_changed_is_told_and_there_is_no_way_to_the_checkout_before_one_agrees() {
    let (desk, browser) = open().await;
    filled(&desk);
    browser.send("/cart", &ADD).await;
    desk.anew();
    let changes = json!([{ "what": "price", "now": euro(1499) }, { "what": "short", "available": 1 }]);
    let lines = [line("MUG", 2, &changes), line("POT", 1, &json!([{ "what": "not_sold" }]))];
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(CART, &lines));
    let page = browser.get("/cart").await;
    page.holds(
        200,
        &[
            "A piece costs €14.99 by now; it was €12.99.",
            "There is 1 left.",
            "It is not sold any more.",
            "Take it as it is now",
        ],
    );
    assert!(!page.text.contains("href=\"/checkout\""));
    desk.answer(&format!("POST /carts/{CART}/agree"), 200, cart(CART, &[]));
    let agreed = browser.send("/cart", &[("act", "agree")]).await;
    assert_eq!(agreed.location(), "/cart?done=agreed");
}

#[tokio::test]
async fn what_a_guest_chose_comes_into_the_accounts_cart_after_the_log_in() {
    let (desk, browser) = open().await;
    filled(&desk);
    browser.send("/cart", &ADD).await;
    desk.anew();
    desk.answer("POST /auth/login", 200, crate::stand_in::login(900));
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(CART, &[line("MUG", 2, &json!([]))]));
    browser.get("/checkout").await.holds(200, &["href=\"/login?next=%2Fcheckout\""]);
    browser.send("/login", &[("email", "ada@example.com"), ("password", "correct horse")]).await;
    desk.answer(&format!("POST /carts/{CART}/merge"), 200, cart(OWN, &[line("MUG", 2, &json!([]))]));
    browser.get("/cart").await.holds(200, &["A &#60;MUG&#62;"]);
    let asked = desk.asked();
    let merged = asked.last().unwrap();
    assert_eq!((merged.header("cart-token"), merged.header("authorization")), ("guest-token", "Bearer access-1"));
    assert!(!browser.has("__Host-cart"));
    desk.answer("POST /carts", 200, cart(OWN, &[]));
    browser.get("/cart").await.holds(200, &["There is nothing in it yet."]);
    assert_eq!(desk.lines().last().unwrap(), "POST /carts");
}

pub(crate) fn checkout() -> Vec<(&'static str, &'static str)> {
    vec![
        ("cart", OWN),
        ("version", "3"),
        ("key", "k9"),
        ("name", "Ada"),
        ("line1", "1 Road"),
        ("line2", ""),
        ("postal_code", "1"),
        ("city", "Town"),
        ("region", ""),
        ("country", "DE"),
        ("payment_method", "sim_ok"),
    ]
}

#[tokio::test]
async fn the_checkout_shows_what_is_ordered_and_one_button() {
    let (desk, browser) = logged_in(900).await;
    let address = json!({
        "id": CART, "name": "Ada Lovelace", "line1": "12 Square", "line2": null, "postal_code": "SW1", "city": "London",
        "region": null, "country": "GB", "default_shipping": true, "default_billing": false, "version": 1,
    });
    desk.answer("GET /auth/addresses", 200, json!({ "items": [address], "next": null }));
    desk.answer("POST /carts", 200, cart(OWN, &[line("MUG", 2, &json!([]))]));
    let page = browser.get("/checkout").await;
    page.holds(
        200,
        &[
            "A &#60;MUG&#62;",
            "€25.98",
            "12 Square",
            "value=\"sim_ok\" checked",
            "Simulated: is declined",
            "Order and pay",
            "with the obligation to pay",
            "name=\"version\" value=\"3\"",
        ],
    );
    // An empty cart, and one of which something is to be told, are looked at first.
    for other in [cart(OWN, &[]), cart(OWN, &[line("MUG", 2, &json!([{ "what": "not_sold" }]))])] {
        desk.anew();
        desk.answer("GET /auth/addresses", 200, json!({ "items": [], "next": null })).answer("POST /carts", 200, other);
        browser.get("/checkout").await.leads_to("/cart");
    }
}

#[tokio::test]
async fn who_orders_sees_their_order_and_the_same_click_again_sends_the_same() {
    let (desk, browser) = logged_in(900).await;
    let line = format!("POST /carts/{OWN}/checkout");
    desk.answer(&line, 201, order("pending", None));
    for _ in 0..2 {
        browser.send("/checkout", &checkout()).await.leads_to(&format!("/orders/{ORDER}"));
    }
    let asked = desk.asked();
    let expected = json!({
        "version": 3, "payment_method": "sim_ok",
        "shipping_address": { "name": "Ada", "line1": "1 Road", "postal_code": "1", "city": "Town", "country": "DE" },
    });
    for one in &asked {
        assert_eq!((one.line.as_str(), &one.body, one.header("idempotency-key")), (&*line, &expected, "k9"));
    }
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn what_is_wrong_with_an_order_stands_beside_its_field_and_what_was_typed_is_kept() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("POST /carts", 200, cart(OWN, &[self::line("MUG", 2, &json!([]))]));
    let refused = wrong(&[("/shipping_address/postal_code", "must not be empty"), ("/payment_method", "is unknown")]);
    desk.answer(&format!("POST /carts/{OWN}/checkout"), 422, refused);
    let page = browser.send("/checkout", &checkout()).await;
    page.holds(
        422,
        &[
            "id=\"checkout-postal_code-trouble\"",
            "href=\"#checkout-postal_code\"",
            "value=\"1 Road\"",
            "Payment is unknown.",
        ],
    );
    // Mended, it is another intent.
    assert!(!page.text.contains("name=\"key\" value=\"k9\""));
    desk.answer(&format!("POST /carts/{OWN}/checkout"), 503, problem("unavailable", ""));
    browser.send("/checkout", &checkout()).await;
    // Of what may have gone through, or not, the same is sent again.
    browser.send("/checkout", &checkout()).await.holds(503, &["name=\"key\" value=\"k9\""]);
    // It went through, and the answer was lost: the order is there, and the cart is empty.
    desk.anew();
    desk.answer(&format!("POST /carts/{OWN}/checkout"), 409, problem("cart_changed", "It was ordered meanwhile."));
    desk.answer("POST /carts", 200, cart(OWN, &[]));
    browser.send("/checkout", &checkout()).await.leads_to("/orders");
}

#[tokio::test]
async fn an_order_is_followed_to_its_end_and_says_what_can_be_done() {
    let (desk, browser) = logged_in(900).await;
    let (path, line) = (format!("/orders/{ORDER}"), format!("GET /orders/{ORDER}"));
    desk.answer(&line, 200, order("pending", None));
    let page = browser.get(&path).await;
    page.holds(
        200,
        &["Order 1001", "wait for its payment", "1 &#60;Road&#62;", "Cancel the order", "/assets/order.js"],
    );
    for (status, reason, said, button) in [
        ("paid", None, "waits to be sent", Some("Cancel the order")),
        ("fulfilled", None, "on its way", None),
        ("cancelled", Some("payment_declined"), "Nothing was charged", Some("Order it again")),
        ("cancelled", Some("requested"), "What was paid is given back", Some("Order it again")),
    ] {
        desk.anew();
        desk.answer(&line, 200, order(status, reason));
        let page = browser.get(&path).await;
        page.holds(200, &[said]).lacks(&["http-equiv", "<script", "<noscript"]);
        for known in ["Cancel the order", "Order it again"] {
            assert_eq!(page.text.contains(known), button == Some(known), "{status}: {known}");
        }
    }
    browser.get("/orders/nonsense").await.holds(404, &["There is nothing at this address."]);
}

#[tokio::test]
async fn an_order_is_cancelled_and_its_lines_are_put_into_the_cart_again() {
    let (desk, browser) = logged_in(900).await;
    let path = format!("/orders/{ORDER}");
    desk.answer(&format!("POST {path}/cancel"), 200, order("cancelled", Some("requested")));
    browser.send(&path, &[("act", "cancel"), ("key", "k2")]).await.leads_to(&path);
    assert_eq!(desk.asked().last().unwrap().header("idempotency-key"), "k2");

    desk.answer(&format!("GET {path}"), 200, order("cancelled", Some("payment_declined")));
    desk.answer("POST /carts", 200, cart(OWN, &[]));
    desk.answer(&format!("POST /carts/{OWN}/lines"), 200, cart(OWN, &[]));
    browser.send(&path, &[("act", "again"), ("key", "k3")]).await.leads_to("/cart?done=again");
    let asked = desk.asked();
    let added = asked.last().unwrap();
    assert_eq!(added.body, json!({ "sku": "MUG", "quantity": 2 }));
    assert_eq!(added.header("idempotency-key"), "k3-MUG");
}

#[tokio::test]
async fn orders_are_listed_page_by_page_for_who_is_logged_in() {
    let (_, nobody) = open().await;
    nobody.get("/orders").await.leads_to("/login?next=%2Forders");
    let (desk, browser) = logged_in(900).await;
    desk.answer("GET /orders", 200, json!({ "items": [order("paid", None)], "next": "a+b" }));
    browser.get("/orders").await.holds(200, &["Order 1001", "€25.98", "href=\"/orders?after=a%2Bb\""]);
    desk.answer("GET /orders?after=a%2Bb", 200, json!({ "items": [], "next": null }));
    browser.get("/orders?after=a%2Bb").await.holds(200, &["There is none here yet."]);
}
