//! Where an order goes: to an address of the book, or to another one, which can be kept.

use crate::{
    guests,
    shop::{ORDER, OWN, cart, checkout, line, order},
    stand_in::{Browser, Desk, logged_in, problem},
};
use serde_json::{Value, json};

const HOME: &str = "01890a5d-ac96-774b-bcce-b302099a8061";
const WORK: &str = "01890a5d-ac96-774b-bcce-b302099a8062";
const LIST: &str = "GET /auth/addresses";
const KEEP: &str = "POST /auth/addresses";
const PLACE: &str = "POST /carts/01890a5d-ac96-774b-bcce-b302099a8071/checkout";

fn kept(id: &str, name: &str, shipping: bool) -> Value {
    json!({
        "id": id, "name": name, "line1": "12 <Square>", "line2": null, "postal_code": "SW1", "city": "London",
        "region": "Greater London", "country": "GB", "default_shipping": shipping, "default_billing": false, "version": 1,
    })
}

/// Somebody with two addresses and something in the cart, at the checkout.
pub(crate) async fn shopping() -> (Desk, Browser) {
    let (desk, browser) = logged_in(900).await;
    let book = [kept(WORK, "Analytical", false), kept(HOME, "Ada Lovelace", true)];
    desk.answer(LIST, 200, json!({ "items": book, "next": null }));
    desk.answer("POST /carts", 200, cart(OWN, &[line("MUG", 2, &json!([]))]));
    desk.answer(PLACE, 201, order("pending", None));
    (desk, browser)
}

/// The form with these fields in place of its own.
fn with(fields: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let own = checkout().into_iter().filter(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    own.chain(fields.iter().copied()).collect()
}

/// Nothing is typed, but one is chosen.
fn choosing(id: &'static str) -> Vec<(&'static str, &'static str)> {
    with(&[("address", id), ("name", ""), ("line1", ""), ("postal_code", ""), ("city", " "), ("country", "")])
}

fn placed(desk: &Desk) -> Vec<Value> {
    let asked = desk.asked();
    asked.iter().filter(|asked| asked.line == PLACE).map(|asked| asked.body["shipping_address"].clone()).collect()
}

fn asked_to_keep(desk: &Desk) -> Vec<(Value, String)> {
    let asked = desk.asked();
    let kept = asked.iter().filter(|asked| asked.line == KEEP);
    kept.map(|asked| (asked.body.clone(), asked.header("idempotency-key").to_owned())).collect()
}

#[tokio::test]
async fn the_default_is_chosen_and_another_one_is_folded_away() {
    let (_desk, browser) = shopping().await;
    let page = browser.get("/checkout").await;
    page.holds(
        200,
        &[
            &format!("value=\"{HOME}\" checked"),
            "Ada Lovelace, 12 &#60;Square&#62;, SW1 London, Greater London, GB</label>",
            "value=\"another\">",
            "<details class=\"fold\"><summary>Another address</summary>",
            "name=\"keep\" type=\"checkbox\"",
            "autocomplete=\"shipping address-line1\"",
        ],
    );
    page.lacks(&["value=\"12 "]);
    // What is folded ends before the payment.
    let (folded, rest) = page.text.split_once("</details>").unwrap();
    assert!(folded.contains("checkout-country") && rest.contains("name=\"payment_method\""), "{}", page.text);
}

#[tokio::test]
async fn who_has_no_address_types_one_and_a_guest_has_no_book() {
    let (desk, browser) = logged_in(900).await;
    for (status, answer) in [(200, json!({ "items": [], "next": null })), (503, problem("unavailable", ""))] {
        desk.anew();
        desk.answer("POST /carts", 200, cart(OWN, &[line("MUG", 2, &json!([]))])).answer(LIST, status, answer);
        let page = browser.get("/checkout").await;
        page.holds(200, &["checkout-line1", "checkout-keep"]).lacks(&["<details", "name=\"address\""]);
    }
    let (_desk, guest) = guests::shopping().await;
    guest.get("/checkout").await.holds(200, &["checkout-line1"]).lacks(&["checkout-keep", "name=\"address\""]);
}

#[tokio::test]
async fn an_order_goes_to_the_address_that_was_chosen() {
    let (desk, browser) = shopping().await;
    browser.send("/checkout", &choosing(WORK)).await.leads_to(&format!("/orders/{ORDER}"));
    let expected = json!({
        "name": "Analytical", "line1": "12 <Square>", "postal_code": "SW1", "city": "London", "region": "Greater London",
        "country": "GB",
    });
    assert_eq!(placed(&desk), [expected]);
    // It is in the book: there is nothing to keep, whatever is ticked.
    let ticked = [choosing(WORK), vec![("keep", "yes")]].concat();
    browser.send("/checkout", &ticked).await.leads_to(&format!("/orders/{ORDER}"));
    assert!(asked_to_keep(&desk).is_empty());
}

#[tokio::test]
async fn between_an_address_that_is_chosen_and_one_that_is_typed_nobody_guesses() {
    let (desk, browser) = shopping().await;
    let page = browser.send("/checkout", &with(&[("address", HOME)])).await;
    page.holds(
        422,
        &["id=\"checkout-address-trouble\"", "is not clear", "<details class=\"fold\" open>", "value=\"1 Road\""],
    );
    // Somebody else's, one that is gone, and none at all.
    for id in [ORDER, "nonsense", "' OR 1=1"] {
        let page = browser.send("/checkout", &choosing(id)).await;
        page.holds(422, &["is not in your address book any more"]);
        assert!(!page.text.contains("name=\"key\" value=\"k9\""), "mended, it is another intent");
    }
    assert!(placed(&desk).is_empty());
    // Whose address is not known at the moment sends the same again.
    desk.anew();
    desk.answer(LIST, 503, problem("unavailable", ""));
    desk.answer("POST /carts", 200, cart(OWN, &[line("MUG", 2, &json!([]))]));
    browser.send("/checkout", &choosing(HOME)).await.holds(503, &["name=\"key\" value=\"k9\""]);
    assert!(placed(&desk).is_empty());
}

#[tokio::test]
async fn another_address_is_kept_when_that_is_wished_and_a_second_click_keeps_the_same() {
    let (desk, browser) = shopping().await;
    let another = with(&[("address", "another"), ("keep", "yes"), ("line2", " ")]);
    desk.answer(KEEP, 201, kept(HOME, "Ada", false));
    for _ in 0..2 {
        browser.send("/checkout", &another).await.leads_to(&format!("/orders/{ORDER}?kept=yes"));
    }
    let address = json!({ "name": "Ada", "line1": "1 Road", "postal_code": "1", "city": "Town", "country": "DE" });
    assert_eq!(placed(&desk), [address.clone(), address.clone()]);
    // Under the order's key user-service keeps it once.
    assert_eq!(asked_to_keep(&desk), [(address.clone(), "k9".to_owned()), (address, "k9".to_owned())]);
    // After the order, and not before it.
    let lines = desk.lines();
    let place = |line: &str| lines.iter().position(|asked| asked == line).unwrap();
    assert!(place(PLACE) < place(KEEP));
    desk.answer(&format!("GET /orders/{ORDER}"), 200, order("paid", None));
    browser.get(&format!("/orders/{ORDER}?kept=yes")).await.holds(200, &["is in your address book now"]);
    // Not wished, it is not kept.
    desk.anew();
    desk.answer(PLACE, 201, order("pending", None));
    browser.send("/checkout", &with(&[("address", "another")])).await.leads_to(&format!("/orders/{ORDER}"));
    assert!(asked_to_keep(&desk).is_empty());
}

#[tokio::test]
async fn an_address_that_cannot_be_kept_fails_no_order_and_is_told() {
    let (desk, browser) = shopping().await;
    let another = with(&[("address", "another"), ("keep", "yes")]);
    for (status, code) in [(409, "too_many_addresses"), (503, "unavailable"), (422, "invalid_fields")] {
        desk.answer(KEEP, status, problem(code, ""));
        browser.send("/checkout", &another).await.leads_to(&format!("/orders/{ORDER}?kept=no"));
    }
    desk.answer(&format!("GET /orders/{ORDER}"), 200, order("pending", None));
    let page = browser.get(&format!("/orders/{ORDER}?kept=no")).await;
    page.holds(200, &["The order is placed, but its address could not be kept.", "href=\"/account/addresses/new\""]);
}

#[tokio::test]
async fn what_is_not_ordered_keeps_no_address_and_what_was_ticked_stays_so() {
    let (desk, browser) = shopping().await;
    desk.anew();
    desk.answer(LIST, 200, json!({ "items": [kept(HOME, "Ada Lovelace", true)], "next": null }));
    desk.answer("POST /carts", 200, cart(OWN, &[line("MUG", 2, &json!([]))]));
    desk.answer(PLACE, 409, problem("out_of_stock", "Not enough pieces are left."));
    let another = with(&[("address", "another"), ("keep", "yes")]);
    let page = browser.send("/checkout", &another).await;
    page.holds(
        409,
        &["value=\"another\" checked", "<details class=\"fold\" open>", "value=\"1 Road\"", "value=\"yes\" checked"],
    );
    assert!(asked_to_keep(&desk).is_empty());
}
