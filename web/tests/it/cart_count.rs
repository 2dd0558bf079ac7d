//! The header says how many pieces are in the cart, and no page asks for that.

use crate::{
    guests,
    services::problem,
    shop::{ADD, CART, ORDER, OWN, cart, checkout, filled, line, order, with_token},
    stand_in::{logged_in, login, open},
};
use serde_json::json;

const PIECES: &str = "__Host-pieces";

#[tokio::test]
async fn pages_tell_how_many_pieces_are_in_the_cart_and_ask_nothing_for_it() {
    let (desk, browser) = open().await;
    browser.get("/developers").await.holds(200, &["<a href=\"/cart\">Cart</a>"]);
    filled(&desk);
    browser.send("/cart", &ADD).await;
    assert!(browser.has(PIECES));
    desk.anew();
    let page = browser.get("/developers").await;
    page.holds(200, &["<a href=\"/cart\">Cart (2)</a>"]);
    assert_eq!(desk.lines(), [""; 0]);
    // It is not written again as long as it is the same.
    assert_eq!(page.cookies(), [""; 0]);
    // What was changed elsewhere is right after any page that reads the cart, on that very page.
    let lines = [line("MUG", 3, &json!([])), line("POT", 4, &json!([]))];
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(CART, &lines));
    browser.get("/cart").await.holds(200, &["Cart (7)"]);
    browser.get("/developers").await.holds(200, &["Cart (7)"]);
    desk.answer(&format!("DELETE /carts/{CART}/lines/MUG"), 200, cart(CART, &lines[1..]));
    browser.send("/cart", &[("remove", "MUG")]).await;
    browser.get("/developers").await.holds(200, &["Cart (4)"]);
    desk.answer(&format!("DELETE /carts/{CART}/lines/POT"), 200, cart(CART, &[]));
    browser.send("/cart", &[("remove", "POT")]).await;
    assert!(!browser.has(PIECES));
    browser.get("/developers").await.holds(200, &["<a href=\"/cart\">Cart</a>"]);
}

#[tokio::test]
async fn a_cart_that_is_not_kept_any_more_counts_nothing() {
    let (desk, browser) = open().await;
    filled(&desk);
    browser.send("/cart", &ADD).await;
    desk.anew();
    desk.answer(&format!("GET /carts/{CART}"), 404, problem("cart_not_found", ""));
    browser.get("/cart").await.holds(200, &["There is nothing in it yet."]).lacks(&["Cart (2)"]);
    assert!(!browser.has(PIECES));
}

#[tokio::test]
async fn what_is_ordered_is_in_the_cart_no_more() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("POST /carts", 200, cart(OWN, &[line("MUG", 2, &json!([]))]));
    browser.get("/cart").await.holds(200, &["Cart (2)"]);
    desk.answer(&format!("POST /carts/{OWN}/checkout"), 201, order("pending", None));
    browser.send("/checkout", &checkout()).await.leads_to(&format!("/orders/{ORDER}"));
    assert!(!browser.has(PIECES));
    let (_, guest) = guests::ordered().await;
    assert!(!guest.has(PIECES));
}

#[tokio::test]
async fn whoever_logs_out_leaves_no_count_behind_and_what_is_put_in_before_is_counted_after_the_log_in() {
    let (desk, browser) = open().await;
    filled(&desk);
    browser.send("/cart", &ADD).await;
    desk.anew();
    desk.answer("POST /auth/login", 200, login(900));
    browser.send("/login", &[("email", "ada@example.com"), ("password", "correct horse")]).await;
    browser.get("/developers").await.holds(200, &["Cart (2)"]);
    let merged = [line("MUG", 2, &json!([])), line("POT", 5, &json!([]))];
    desk.answer(&format!("POST /carts/{CART}/merge"), 200, cart(OWN, &merged));
    browser.get("/cart").await.holds(200, &["Cart (7)"]);
    desk.answer("POST /auth/logout", 200, json!({ "message": "" }));
    browser.send("/logout", &[]).await;
    assert!(!browser.has(PIECES));
    browser.get("/developers").await.lacks(&["Cart ("]);
}

#[tokio::test]
async fn the_count_is_in_no_page_that_others_get() {
    let (desk, browser) = open().await;
    let catalogue = json!({ "items": [], "next": null });
    desk.answer("GET /products?limit=24", 200, catalogue.clone()).answer("GET /categories", 200, catalogue);
    let shared = browser.get("/products").await;
    assert!(shared.headers["cache-control"].to_str().unwrap().starts_with("public"));
    assert_eq!(shared.headers["vary"], "accept-language, cookie");
    let tag = shared.headers["etag"].clone();
    desk.answer("POST /carts", 201, with_token(cart(CART, &[])));
    desk.answer(&format!("POST /carts/{CART}/lines"), 200, cart(CART, &[line("MUG", 2, &json!([]))]));
    browser.send("/cart", &ADD).await;
    let own = browser.get("/products").await;
    own.holds(200, &["Cart (2)"]);
    assert_eq!(own.headers["cache-control"], "no-store");
    assert!(!own.headers.contains_key("etag"));
    // For all others it is the page it was.
    let other = crate::stand_in::Browser::at(&browser.url);
    assert_eq!(other.get("/products").await.headers["etag"], tag);
}

/// Whoever makes the value up is believed nothing.
#[tokio::test]
async fn a_count_that_is_not_ours_is_none() {
    let (_, browser) = open().await;
    browser.cookies.lock().unwrap().insert(PIECES.to_owned(), "<script>9</script>".to_owned());
    browser.get("/developers").await.holds(200, &["<a href=\"/cart\">Cart</a>"]);
}
