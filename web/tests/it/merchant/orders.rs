//! Orders: found, listed, looked at; sent off one by one and together; cancelled.

use super::{CUSTOMER, ORDER, OTHER, PAYMENT, ledger, order, page, payment, user};
use crate::stand_in::{Desk, clerk, logged_in, problem, second_factor, stepped_up};
use serde_json::json;

const ALL: &str = "orders:read orders:write orders:refund orders:fulfil payments:read users:read";
const LIST: &str = "GET /orders?limit=25";

/// All that is known of an order.
fn known(desk: &Desk, status: &str) {
    desk.answer(&format!("GET /orders/{ORDER}"), 200, order(ORDER, 1001, status));
    let entry = json!({
        "at": "2026-01-02T03:04:05Z", "what": "placed; stock is reserved", "from_status": null, "to_status": "pending",
        "cause_id": null, "cause_type": null, "trace_id": "",
    });
    desk.answer(&format!("GET /orders/{ORDER}/timeline"), 200, json!({ "order_id": ORDER, "entries": [entry] }));
    let note = json!({ "id": OTHER, "author": CUSTOMER, "text": "Wants <it>\non Friday.", "written_at": "2026-01-02T03:04:05Z" });
    desk.answer(&format!("GET /orders/{ORDER}/notes?limit=100"), 200, page(&[note], None));
    desk.answer(&format!("GET /users/{CUSTOMER}"), 200, user(false));
    desk.answer(&format!("GET /payments?order_id={ORDER}"), 200, page(&[payment("captured")], None));
    let mut whole = payment("captured");
    whole["refunds"] = json!([]);
    desk.answer(&format!("GET /payments/{PAYMENT}"), 200, whole);
    desk.answer(&format!("GET /payments/{PAYMENT}/ledger"), 200, ledger());
}

#[tokio::test]
async fn who_lacks_the_permission_gets_a_page_that_says_so() {
    for (scope, path) in [
        ("products:read", "/office/orders".to_owned()),
        ("products:read", format!("/office/orders/{ORDER}")),
        ("orders:read", "/office/payments".to_owned()),
        ("orders:read", "/office/customers".to_owned()),
        ("orders:read", format!("/office/customers/{CUSTOMER}")),
    ] {
        let (desk, browser) = clerk(scope).await;
        browser.get(&path).await.holds(403, &["Not for your account"]).lacks(&["Ada"]);
        // Perhaps a role was given meanwhile: that alone is asked.
        assert!(desk.lines().iter().all(|line| line == "POST /auth/refresh"), "{:?}", desk.lines());
    }
    let (desk, browser) = clerk("orders:read").await;
    let fields = [("order", ORDER), ("back", "/office/orders")];
    browser.send("/office/orders", &fields).await.holds(403, &["orders:fulfil"]);
    assert!(!desk.lines().iter().any(|line| line.contains("fulfil")));
    let (_, customer) = logged_in(900).await;
    customer.get("/office/orders").await.holds(403, &["Not for your account"]);
    let (_, nobody) = crate::stand_in::open().await;
    nobody.get("/office/orders?status=paid").await.leads_to("/login?next=%2Foffice%2Forders%3Fstatus%3Dpaid");
}

#[tokio::test]
async fn a_list_says_what_it_holds_and_each_filter_stays_in_its_address() {
    let (desk, browser) = clerk(ALL).await;
    desk.answer(LIST, 200, page(&[order(ORDER, 1001, "paid"), order(OTHER, 1000, "cancelled")], Some("a+b")));
    let shown = browser.get("/office/orders").await;
    shown.holds(
        200,
        &[
            &format!("name=\"order\" value=\"{ORDER}\" aria-label=\"Order 1001\""),
            &format!("<a href=\"/office/orders/{ORDER}\">1001</a>"),
            "Ada &#60;L&#62;",
            "to be sent",
            "2 × MUG&#38;1",
            "25.98 EUR",
            "href=\"/office/orders?after=a%2Bb\"",
            "Those ticked are sent",
        ],
    );
    // What is not to be sent has no box.
    shown.lacks(&[&format!("value=\"{OTHER}\"")]);
    let asked = "GET /orders?limit=25&sku=MUG%261&status=pending%2Cpaid&after=x&from=2026-01-01T00%3A00%3A00Z&to=2026-02-01T00%3A00%3A00Z";
    desk.anew().answer(asked, 200, page(&[], Some("y")));
    let address = "/office/orders?sku=MUG%261&status=pending%2Cpaid&from=2026-01-01&to=2026-01-31&after=";
    browser.get(&format!("{address}x")).await.holds(
        200,
        &[
            "Orders of the SKU <strong>MUG&#38;1</strong>.",
            "none among the newest 30,000 lines",
            "value=\"pending,paid\" selected",
            "name=\"from\" type=\"date\" value=\"2026-01-01\"",
            "after=y",
        ],
    );
    let reader = clerk("orders:read").await;
    reader.0.answer(LIST, 200, page(&[order(ORDER, 1001, "paid")], None));
    reader.1.get("/office/orders").await.holds(200, &["1001"]).lacks(&[
        "type=\"checkbox\"",
        "Those ticked",
        "mail address",
    ]);
    browser.get("/office/orders?from=soon").await.holds(422, &["“soon” is no day", "value=\"soon\""]);
    desk.answer("GET /orders?limit=25&after=old", 400, problem("invalid_cursor", "Start again without it."));
    browser.get("/office/orders?after=old").await.holds(400, &["Start again without it.", "role=\"alert\""]);
}

#[tokio::test]
async fn one_field_takes_a_number_a_mail_or_a_sku_and_no_address_holds_the_mail() {
    let (desk, browser) = clerk(ALL).await;
    desk.answer("GET /orders?number=1001", 200, page(&[order(ORDER, 1001, "paid")], None));
    browser.send("/office/orders/find", &[("q", " 1001 ")]).await.leads_to(&format!("/office/orders/{ORDER}"));
    // The field that leads anywhere sends it by the address.
    browser.get("/office/orders?q=1001").await.leads_to(&format!("/office/orders/{ORDER}"));
    browser.send("/office/orders/find", &[("q", ORDER)]).await.leads_to(&format!("/office/orders/{ORDER}"));
    // No order has this number: perhaps a SKU is one.
    desk.answer("GET /orders?number=2002", 200, page(&[], None));
    browser.send("/office/orders/find", &[("q", "2002")]).await.leads_to("/office/orders?sku=2002");
    desk.answer("GET /orders?number=99999999999999999999", 400, problem("invalid_query", ""));
    browser
        .send("/office/orders/find", &[("q", "99999999999999999999")])
        .await
        .leads_to("/office/orders?sku=99999999999999999999");
    browser.send("/office/orders/find", &[("q", "MUG&1")]).await.leads_to("/office/orders?sku=MUG%261");
    browser.send("/office/orders/find", &[("q", "")]).await.leads_to("/office/orders");

    desk.answer("GET /users?email=ada%40example.com&limit=1", 200, page(&[user(false)], None));
    // What they ordered without it is theirs too; what has joined it is found by it already.
    let guest = |account: Option<&str>| json!({ "id": OTHER, "email": "ada@example.com", "ordered": true, "account_id": account, "created_at": "2026-01-02T03:04:05Z" });
    let guests = "GET /users/guests?email=ada%40example.com&limit=20";
    desk.answer(guests, 200, page(&[guest(None)], None)).answer(guests, 200, page(&[guest(Some(CUSTOMER))], None));
    let found = browser.send("/office/orders/find", &[("q", "ada@example.com")]).await;
    found.leads_to(&format!("/office/orders?customer={CUSTOMER}%2C{OTHER}"));
    let found = browser.send("/office/orders/find", &[("q", "ada@example.com")]).await;
    found.leads_to(&format!("/office/orders?customer={CUSTOMER}"));
    desk.answer(&format!("GET /orders?limit=25&customer_id={CUSTOMER}"), 200, page(&[], None));
    browser
        .get(found.location())
        .await
        .holds(200, &["Orders of one customer.", &format!("/office/customers/{CUSTOMER}")]);
    let mut other = user(false);
    other["id"] = json!(OTHER);
    desk.answer("GET /users?email=ada%40&limit=1", 200, page(&[], None));
    desk.answer("GET /users/guests?email=ada%40&limit=20", 200, page(&[], None));
    desk.answer("GET /users?email_begins=ada%40&limit=20", 200, page(&[user(false), other], None));
    browser.get("/office/orders?q=ada%40").await.leads_to(&format!("/office/orders?customer={CUSTOMER}%2C{OTHER}"));
    desk.answer("GET /users?email=x%40y&limit=1", 200, page(&[], None));
    desk.answer("GET /users/guests?email=x%40y&limit=20", 200, page(&[], None));
    desk.answer("GET /users?email_begins=x%40y&limit=20", 200, page(&[], None));
    browser
        .send("/office/orders/find", &[("q", "x@y")])
        .await
        .holds(404, &["That is a mail address, and no account has it"]);
    let (desk, reader) = clerk("orders:read").await;
    reader.send("/office/orders/find", &[("q", "x@y")]).await.holds(404, &["may not look for people"]);
    assert_eq!(desk.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_ticked_leaves_together_and_what_does_not_is_told_with_its_reason() {
    let (desk, browser) = clerk(ALL).await;
    let gone = |id: &str, number: i64| json!({ "order_id": id, "fulfilled": true, "number": number, "code": null, "detail": null });
    let left = json!({
        "order_id": OTHER, "fulfilled": false, "number": 1002, "code": "wrong_order_status",
        "detail": "An order that is <cancelled> cannot be fulfilled.",
    });
    desk.answer("POST /orders/fulfil", 200, json!({ "items": [gone(ORDER, 1001), gone(OTHER, 1002)] }));
    let fields = [("back", "/office/orders?status=paid"), ("order", ORDER), ("order", OTHER), ("order", "nonsense")];
    let all = browser.send("/office/orders", &fields).await;
    all.leads_to("/office/orders?status=paid&fulfilled=2");
    assert_eq!(desk.asked().last().unwrap().body, json!({ "order_ids": [ORDER, OTHER] }));
    desk.answer("GET /orders?limit=25&status=paid", 200, page(&[], None));
    browser.get(all.location()).await.holds(200, &["2 orders are on their way.", "role=\"status\""]);

    desk.anew().answer("POST /orders/fulfil", 200, json!({ "items": [gone(ORDER, 1001), left] }));
    let some = browser.send("/office/orders", &fields).await;
    some.holds(
        409,
        &[
            "One order is on its way; what is below stays as it is.",
            "An order that is &#60;cancelled&#62; cannot be fulfilled.",
            &format!("<a href=\"/office/orders/{OTHER}\">1002</a>"),
            "href=\"/office/orders?status=paid\"",
        ],
    );
    // None is ticked; or the way back leads elsewhere.
    browser.send("/office/orders", &[("back", "/office/orders?after=x")]).await.leads_to("/office/orders?after=x");
    desk.anew().answer("POST /orders/fulfil", 200, json!({ "items": [gone(ORDER, 1001)] }));
    for away in ["https://elsewhere.example/", "/logout", "//elsewhere.example"] {
        let answer = browser.send("/office/orders", &[("back", away), ("order", ORDER)]).await;
        answer.leads_to("/office/orders?fulfilled=1");
    }
    desk.anew().answer("POST /orders/fulfil", 503, problem("database_unavailable", ""));
    browser.send("/office/orders", &fields).await.holds(503, &["Not just now"]);
}

#[tokio::test]
async fn an_order_is_shown_with_all_that_is_known_of_it() {
    let (desk, browser) = clerk(ALL).await;
    known(&desk, "paid");
    let shown = browser.get(&format!("/office/orders/{ORDER}")).await;
    shown.holds(
        200,
        &[
            "A &#60;mug&#62;",
            "href=\"/office/orders?sku=MUG%261\"",
            "Ada &#60;L&#62;",
            &format!("<a href=\"/office/customers/{CUSTOMER}\">Ada &#60;Lovelace&#62;</a>"),
            "Wants &#60;it&#62;\non Friday.",
            "Ada &#60;Lovelace&#62;, 2026-01-02 03:04 UTC",
            "placed; stock is reserved",
            &format!("<a href=\"/office/payments/{PAYMENT}\">taken</a>"),
            "With the provider",
            "25.98 EUR",
            "value=\"fulfil\">It is sent",
            "Cancel, and give 25.98 EUR back",
            "maxlength=\"2000\"",
        ],
    );
    // Whoever may only look has no buttons, and what they may not see is not asked for.
    let (desk, reader) = clerk("orders:read").await;
    known(&desk, "paid");
    let shown = reader.get(&format!("/office/orders/{ORDER}")).await;
    shown.holds(200, &["Your account may not see payments.", "a colleague, 2026-01-02"]);
    shown.lacks(&["value=\"fulfil\"", "value=\"cancel\"", "<textarea", "ada@example.com"]);
    assert!(!desk.lines().iter().any(|line| line.contains("payments") || line.contains("users")), "{:?}", desk.lines());
    // What is away is said to be; the order stands without it.
    let (desk, browser) = clerk(ALL).await;
    known(&desk, "fulfilled");
    desk.anew().answer(&format!("GET /orders/{ORDER}"), 200, order(ORDER, 1001, "fulfilled"));
    for line in [
        format!("/payments?order_id={ORDER}"),
        format!("/orders/{ORDER}/notes?limit=100"),
        format!("/users/{CUSTOMER}"),
    ] {
        desk.answer(&format!("GET {line}"), 503, problem("database_unavailable", ""));
    }
    let shown = browser.get(&format!("/office/orders/{ORDER}")).await;
    shown
        .holds(200, &["The payment is not to be had at the moment.", "sent"])
        .lacks(&["value=\"fulfil\"", "value=\"cancel\""]);
    browser.get(&format!("/office/orders/{OTHER}")).await.holds(404, &["There is nothing at this address."]);
    browser.get("/office/orders/nonsense").await.holds(404, &["There is nothing at this address."]);
}

#[tokio::test]
async fn an_order_is_sent_and_written_about_and_what_was_refused_is_kept() {
    let (desk, browser) = clerk(ALL).await;
    known(&desk, "paid");
    let path = format!("/office/orders/{ORDER}");
    desk.answer(&format!("POST /orders/{ORDER}/fulfil"), 200, order(ORDER, 1001, "fulfilled"));
    browser.send(&path, &[("act", "fulfil"), ("key", "k1")]).await.leads_to(&format!("{path}?done=fulfil"));
    browser.get(&format!("{path}?done=fulfil")).await.holds(200, &["It is on its way."]);
    let notes = format!("POST /orders/{ORDER}/notes");
    desk.answer(&notes, 201, json!({}));
    browser
        .send(&path, &[("act", "note"), ("key", "k2"), ("text", "Called.")])
        .await
        .leads_to(&format!("{path}?done=note"));
    let asked = desk.asked();
    let note = asked.last().unwrap();
    assert_eq!((note.header("idempotency-key"), &note.body), ("k2", &json!({ "text": "Called." })));

    let (desk, browser) = clerk(ALL).await;
    known(&desk, "paid");
    desk.answer(
        &format!("POST /orders/{ORDER}/fulfil"),
        409,
        problem("wrong_order_status", "An order that is cancelled cannot be fulfilled."),
    );
    browser
        .send(&path, &[("act", "fulfil"), ("key", "k1")])
        .await
        .holds(409, &["An order that is cancelled cannot be fulfilled."]);
    desk.answer(&notes, 422, crate::stand_in::wrong(&[("/text", "must hold up to 2000 characters")]));
    let refused = browser.send(&path, &[("act", "note"), ("key", "k2"), ("text", "A <long> story")]).await;
    refused.holds(422, &["The text must hold up to 2000 characters.", "A &#60;long&#62; story</textarea>"]);
    browser.send(&path, &[("act", "made-up")]).await.leads_to(&path);
}

#[tokio::test]
async fn a_paid_order_is_cancelled_under_one_key_after_a_proof_where_that_is_wanted() {
    let (desk, browser) = clerk(ALL).await;
    known(&desk, "paid");
    let path = format!("/office/orders/{ORDER}");
    let cancel = format!("POST /orders/{ORDER}/cancel");
    desk.answer(&cancel, 401, problem("step_up_required", "Prove who you are first."));
    desk.answer(&cancel, 200, order(ORDER, 1001, "cancelled"));
    desk.answer("GET /auth/second-factor", 200, second_factor(true));
    let asks = browser.send(&path, &[("act", "cancel"), ("key", "k7")]).await;
    asks.holds(
        401,
        &[
            "Prove who you are first.",
            "name=\"act\" value=\"cancel\"",
            "name=\"key\" value=\"k7\"",
            "type=\"password\"",
            "name=\"code\"",
            "Cancel, and give the money back",
        ],
    );
    // A wrong password is said beside its field, and asked for again under the same key.
    desk.answer("POST /auth/step-up", 403, problem("wrong_password", "This is not your password."));
    desk.answer("POST /auth/step-up", 200, stepped_up());
    let proof = [("act", "cancel"), ("key", "k7"), ("password", "correct horse"), ("code", "123 456")];
    let wrong = browser.send(&path, &proof).await;
    wrong.holds(403, &["This is not your password.", "href=\"#refund-password\"", "name=\"key\" value=\"k7\""]);
    wrong.lacks(&["correct horse"]);
    browser.send(&path, &proof).await.leads_to(&format!("{path}?done=cancel"));
    let asked = desk.asked();
    let last = asked.last().unwrap();
    assert_eq!((last.line.as_str(), last.header("idempotency-key")), (&*cancel, "k7"));
    assert_eq!(last.header("authorization"), "Bearer fresh-1");
    let proved = asked.iter().rfind(|asked| asked.line == "POST /auth/step-up").unwrap();
    assert_eq!(proved.body, json!({ "password": "correct horse", "code": "123456" }));

    // An order that is not paid is cancelled at once; one that left cannot be.
    let (desk, browser) = clerk("orders:read orders:write").await;
    known(&desk, "pending");
    browser.get(&path).await.holds(200, &["value=\"cancel\">Cancel it"]);
    desk.answer(&cancel, 200, order(ORDER, 1001, "cancelled"));
    browser.send(&path, &[("act", "cancel"), ("key", "k8")]).await.leads_to(&format!("{path}?done=cancel"));
    let (desk, browser) = clerk("orders:read orders:write").await;
    known(&desk, "paid");
    browser.get(&path).await.holds(200, &["1001"]).lacks(&["value=\"cancel\""]);
    desk.answer(&cancel, 403, problem("forbidden", "You may not do this."));
    browser.send(&path, &[("act", "cancel"), ("key", "k9")]).await.holds(403, &["You may not do this."]);
    let keys: Vec<_> = desk.asked().iter().map(|asked| asked.header("idempotency-key").to_owned()).collect();
    assert!(keys.contains(&"k9".to_owned()));
}

#[tokio::test]
async fn the_order_of_a_guest_leads_to_the_guest() {
    let (desk, browser) = clerk("orders:read users:read").await;
    desk.answer(&format!("GET /orders/{ORDER}"), 200, order(ORDER, 1001, "paid"));
    desk.answer(&format!("GET /orders/{ORDER}/timeline"), 200, json!({ "order_id": ORDER, "entries": [] }));
    desk.answer(&format!("GET /orders/{ORDER}/notes?limit=100"), 200, page(&[], None));
    desk.answer(&format!("GET /users/{CUSTOMER}"), 404, problem("account_not_found", "There is none."));
    let guest = json!({
        "id": CUSTOMER, "email": "eve@example.com", "ordered": true, "account_id": null,
        "created_at": "2026-01-02T03:04:05Z",
    });
    desk.answer(&format!("GET /users/guests/{CUSTOMER}"), 200, guest);
    let shown = browser.get(&format!("/office/orders/{ORDER}")).await;
    shown.holds(
        200,
        &["A guest, without an account", "eve@example.com", &format!("href=\"/office/customers/{CUSTOMER}\"")],
    );
}
