//! Where parcels and bills go.

use crate::stand_in::{Desk, logged_in, problem, wrong};
use serde_json::{Value, json};

const HOME: &str = "01890a5d-ac96-774b-bcce-b302099a8061";
const WORK: &str = "01890a5d-ac96-774b-bcce-b302099a8062";
const LIST: &str = "GET /auth/addresses";

/// The lines of the address at home.
fn home() -> Value {
    json!({ "name": "Ada Lovelace", "line1": "12 St James’s Square", "postal_code": "SW1Y 4JH", "city": "London",
        "country": "GB" })
}

fn kept(id: &str, lines: &Value, (shipping, billing): (bool, bool)) -> Value {
    let mut kept = json!({ "id": id, "line2": null, "region": null, "default_shipping": shipping,
        "default_billing": billing, "version": 3 });
    kept.as_object_mut().unwrap().extend(lines.as_object().unwrap().clone());
    kept
}

fn both(desk: &Desk) {
    let mut work = home();
    work["name"] = json!("<b>Analytical");
    work["region"] = json!("<i>Surrey");
    let items = [kept(HOME, &home(), (true, true)), kept(WORK, &work, (false, false))];
    desk.answer(LIST, 200, json!({ "items": items, "next": null }));
}

/// What the form for one sends.
fn sent() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "Ada Lovelace"),
        ("line1", "12 St James’s Square"),
        ("line2", " "),
        ("postal_code", "SW1Y 4JH"),
        ("city", "London"),
        ("region", ""),
        ("country", "GB"),
    ]
}

/// What user-service is to be told, with what is the default.
fn body(defaults: &[(&str, bool)]) -> Value {
    let mut body = home();
    body.as_object_mut().unwrap().extend(defaults.iter().map(|(name, is)| ((*name).to_owned(), json!(is))));
    body
}

#[tokio::test]
async fn each_is_shown_with_what_can_be_done_with_it() {
    let (desk, browser) = logged_in(900).await;
    both(&desk);
    let page = browser.get("/account/addresses").await;
    page.holds(
        200,
        &[
            "<h2>Ada Lovelace</h2>",
            "12 St James’s Square, SW1Y 4JH London, GB</p>",
            "Parcels go here.",
            "Bills go here.",
            "<h2>&#60;b&#62;Analytical</h2>",
            "London, &#60;i&#62;Surrey, GB</p>",
            &format!("href=\"/account/addresses/{HOME}\""),
            &format!("name=\"shipping\" value=\"{WORK}\""),
            &format!("name=\"billing\" value=\"{WORK}\""),
            &format!("name=\"delete\" value=\"{WORK}\">Delete<span class=\"unseen\"> &#60;b&#62;Analytical"),
            "href=\"/account/addresses/new\"",
        ],
    );
    page.lacks(&["<b>", "<i>", &format!("name=\"shipping\" value=\"{HOME}\"")]);
    desk.anew().answer(LIST, 200, json!({ "items": [], "next": null }));
    browser.get("/account/addresses").await.holds(200, &["There is none yet."]);
}

#[tokio::test]
async fn one_is_added() {
    let (desk, browser) = logged_in(900).await;
    let api = "POST /auth/addresses";
    desk.answer(api, 201, kept(HOME, &home(), (false, true)));
    let answer = browser.send("/account/addresses/new", &[sent(), vec![("default_billing", "yes")]].concat()).await;
    assert_eq!((answer.status, answer.location()), (303, "/account/addresses?done=added"));
    assert_eq!(desk.asked()[0].body, body(&[("default_shipping", false), ("default_billing", true)]));
    both(&desk);
    browser.get(answer.location()).await.holds(200, &["role=\"status\">The address is added."]);
}

#[tokio::test]
async fn what_is_wrong_with_one_stands_beside_its_field_and_what_was_typed_is_kept() {
    let (desk, browser) = logged_in(900).await;
    let api = "POST /auth/addresses";
    desk.answer(api, 422, wrong(&[("/country", "must be the two letters of a country"), ("/line1", "is too long")]));
    let typed = [("name", "\"><script>"), ("line1", "12"), ("country", "XX"), ("default_shipping", "yes")];
    let page = browser.send("/account/addresses/new", &typed).await;
    page.holds(
        422,
        &[
            "id=\"address-country-trouble\">Country must be the two letters of a country, such as DE or GB.",
            "<a href=\"#address-line1\">Street and number is too long.</a>",
            "value=\"&#34;&#62;&#60;script&#62;\"",
            "value=\"XX\"",
            "pattern=\"[A-Za-z]{2}\"",
            "name=\"default_shipping\" type=\"checkbox\" value=\"yes\" checked",
            "name=\"default_billing\" type=\"checkbox\" value=\"yes\">",
        ],
    );
    page.lacks(&["<script"]);
    desk.anew().answer(api, 409, problem("too_many_addresses", "You have 50 addresses: delete one first."));
    browser.send("/account/addresses/new", &sent()).await.holds(409, &["delete one first.", "value=\"London\""]);
}

#[tokio::test]
async fn one_is_changed_and_its_form_holds_what_it_is_today() {
    let (desk, browser) = logged_in(900).await;
    both(&desk);
    let path = format!("/account/addresses/{HOME}");
    let page = browser.get(&path).await;
    page.holds(
        200,
        &[
            &format!("<form method=\"post\" action=\"{path}\""),
            "value=\"12 St James’s Square\"",
            "name=\"default_shipping\" type=\"checkbox\" value=\"yes\" checked",
            "name=\"default_billing\" type=\"checkbox\" value=\"yes\" checked",
        ],
    );
    let api = format!("PUT /auth/addresses/{HOME}");
    desk.anew().answer(&api, 200, kept(HOME, &home(), (true, false)));
    let answer = browser.send(&path, &[sent(), vec![("default_shipping", "yes")]].concat()).await;
    assert_eq!((answer.status, answer.location()), (303, "/account/addresses?done=changed"));
    // What is not ticked is the default no more.
    assert_eq!(desk.asked()[0].body, body(&[("default_shipping", true), ("default_billing", false)]));
    desk.anew().answer(&api, 404, problem("address_not_found", "You have no such address."));
    browser.send(&path, &sent()).await.holds(404, &["You have no such address.", "value=\"London\""]);
}

#[tokio::test]
async fn one_that_is_not_theirs_or_made_up_has_no_page() {
    let (desk, browser) = logged_in(900).await;
    both(&desk);
    browser.get("/account/addresses/01890a5d-ac96-774b-bcce-b302099a8063").await.holds(404, &["<h1>Not found</h1>"]);
    for made_up in ["abc", "..%2Fsessions", "%3Fothers"] {
        let path = format!("/account/addresses/{made_up}");
        browser.get(&path).await.holds(404, &["<h1>Not found</h1>"]);
        browser.send(&path, &sent()).await.holds(404, &["<h1>Not found</h1>"]);
    }
    assert_eq!(desk.lines(), [LIST]);
}

#[tokio::test]
async fn one_is_deleted() {
    let (desk, browser) = logged_in(900).await;
    let api = format!("DELETE /auth/addresses/{WORK}");
    desk.answer(&api, 204, Value::Null);
    let answer = browser.send("/account/addresses", &[("delete", WORK)]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account/addresses?done=deleted"));
    assert_eq!(desk.lines(), [&*api]);
    both(&desk);
    browser.get(answer.location()).await.holds(200, &["Orders that are placed keep theirs."]);
    desk.anew().answer(&api, 404, problem("address_not_found", "You have no such address."));
    both(&desk);
    let page = browser.send("/account/addresses", &[("delete", WORK)]).await;
    page.holds(404, &["role=\"alert\"", "You have no such address.", "<h2>Ada Lovelace</h2>"]);
}

#[tokio::test]
async fn one_is_made_the_default_and_stays_as_it_is_otherwise() {
    for (what, field) in [("shipping", "default_shipping"), ("billing", "default_billing")] {
        let (desk, browser) = logged_in(900).await;
        both(&desk);
        let api = format!("PUT /auth/addresses/{HOME}");
        desk.answer(&api, 200, kept(HOME, &home(), (true, true)));
        let answer = browser.send("/account/addresses", &[(what, HOME)]).await;
        assert_eq!((answer.status, answer.location()), (303, &*format!("/account/addresses?done={what}")));
        assert_eq!(desk.lines(), [LIST.to_owned(), api]);
        assert_eq!(desk.asked()[1].body, body(&[(field, true)]));
        browser.get(answer.location()).await.holds(200, &["from now on"]);
    }
    let (desk, browser) = logged_in(900).await;
    both(&desk);
    let gone = [("shipping", "01890a5d-ac96-774b-bcce-b302099a8063")];
    browser.send("/account/addresses", &gone).await.holds(404, &["You have no such address any more."]);
}

#[tokio::test]
async fn a_made_up_wish_does_nothing() {
    let (desk, browser) = logged_in(900).await;
    for made_up in
        [vec![], vec![("delete", "all")], vec![("delete", "../sessions")], vec![("delete", HOME), ("billing", HOME)]]
    {
        let answer = browser.send("/account/addresses", &made_up).await;
        assert_eq!((answer.status, answer.location()), (303, "/account/addresses"));
    }
    assert_eq!(desk.lines(), Vec::<String>::new());
}
