//! What one is called, and one's phone.

use crate::stand_in::{ada, logged_in, wrong};
use serde_json::json;

const API: &str = "PATCH /auth/current-user";
const SENT: [(&str, &str); 3] = [("first_name", "Augusta"), ("last_name", "King"), ("phone", "")];

#[tokio::test]
async fn the_form_holds_what_is_so_today() {
    let (desk, browser) = logged_in(900).await;
    let mut person = ada();
    person["phone"] = json!("<b>1");
    desk.answer("GET /auth/current-user", 200, person);
    let page = browser.get("/account/profile").await;
    page.holds(200, &["<h1>Change your name and phone</h1>", "value=\"Ada\"", "value=\"Lovelace\"", "type=\"tel\""]);
    page.holds(200, &["value=\"&#60;b&#62;1\""]).lacks(&["<b>"]);
    assert_eq!(desk.lines(), ["GET /auth/current-user"]);
}

#[tokio::test]
async fn a_new_name_stands_on_every_page_at_once() {
    let (desk, browser) = logged_in(900).await;
    let mut person = ada();
    (person["first_name"], person["last_name"]) = (json!("Augusta"), json!("<King>"));
    desk.answer(API, 200, person);
    let page = browser.send("/account/profile", &SENT).await;
    page.holds(200, &["You are Augusta &#60;King&#62; from now on.", "<span class=\"name\">Augusta</span>"]);
    assert_eq!(desk.asked()[0].body, json!({ "first_name": "Augusta", "last_name": "King", "phone": "" }));
    browser.get("/").await.holds(200, &["<span class=\"name\">Augusta</span>"]);
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(API, 422, wrong(&[("/first_name", "must not be empty"), ("/phone", "is too long")]));
    let sent = [("first_name", "\"><script>"), ("last_name", "King"), ("phone", "123")];
    let page = browser.send("/account/profile", &sent).await;
    page.holds(
        422,
        &[
            "id=\"profile-first_name-trouble\">First name must not be empty.",
            "<a href=\"#profile-phone\">Phone is too long.</a>",
            "value=\"&#34;&#62;&#60;script&#62;\"",
            "value=\"123\"",
            "<span class=\"name\">Ada</span>",
        ],
    );
    page.lacks(&["<script"]);
}
