//! Customers: found by their address, shut out, let in again.

use super::{CUSTOMER, ORDER, order, page, user};
use crate::stand_in::{clerk, erasure, problem, second_factor, stepped_up, wrong};
use serde_json::{Value, json};

fn guest(account: Option<&str>) -> Value {
    json!({
        "id": CUSTOMER, "email": "eve@example.com", "ordered": true, "account_id": account,
        "created_at": "2026-01-02T03:04:05Z",
    })
}

#[tokio::test]
async fn a_customer_is_found_by_their_address_or_its_beginning_and_it_stands_in_no_address_of_a_page() {
    let (desk, browser) = clerk("users:read").await;
    desk.answer("GET /users?limit=25", 200, page(&[user(true)], Some("a+b")));
    browser.get("/office/customers").await.holds(
        200,
        &[
            "ada@example.com",
            "&#60;Lovelace&#62;",
            "suspended",
            "href=\"/office/customers?after=a%2Bb\"",
            "method=\"post\"",
        ],
    );
    let there = format!("/office/customers/{CUSTOMER}");
    desk.answer("GET /users?email=eve%40example.com", 200, page(&[], None));
    desk.answer("GET /users/guests?email=eve%40example.com&limit=25", 200, page(&[guest(None)], None));
    desk.answer("GET /users?limit=25&email_begins=eve%40example.com", 200, page(&[], None));
    let found = browser.send("/office/customers", &[("q", "eve@example.com")]).await;
    found.holds(200, &["Without an account", "A guest with eve@example.com", &there]).lacks(&["There is none."]);
    desk.answer("GET /users?email=ada%40example.com", 200, page(&[user(false)], None));
    browser.send("/office/customers", &[("q", "ada@example.com")]).await.leads_to(&there);
    browser.get("/office/customers?q=ada%40example.com").await.leads_to(&there);
    desk.answer("GET /users?limit=25&email_begins=ada", 200, page(&[user(false)], Some("next")));
    let found = browser.send("/office/customers", &[("q", "ada")]).await;
    found.holds(200, &[&there, "name=\"after\" value=\"next\"", "More of them"]).lacks(&["?q=", "email="]);
    desk.answer("GET /users?limit=25&email_begins=ada&after=next", 200, page(&[], None));
    browser.send("/office/customers", &[("q", "ada"), ("after", "next")]).await.holds(200, &["There is none."]);
    let short = wrong(&[("email_begins", "must hold 3 to 254 characters of an address's beginning")]);
    desk.answer("GET /users?limit=25&email_begins=a", 422, short);
    browser.send("/office/customers", &[("q", "a")]).await.holds(422, &["at least three letters", "value=\"a\""]);
    browser.send("/office/customers", &[("q", " ")]).await.leads_to("/office/customers");
}

#[tokio::test]
async fn a_customer_is_shut_out_with_a_reason_and_let_in_again() {
    let (desk, browser) = clerk("users:read users:manage orders:read").await;
    let path = format!("/office/customers/{CUSTOMER}");
    desk.answer(&format!("GET /users/{CUSTOMER}"), 200, user(false));
    let orders = format!("GET /orders?customer_id={CUSTOMER}&limit=10");
    desk.answer(&orders, 200, page(&[order(ORDER, 1001, "paid")], Some("x")));
    browser.get(&path).await.holds(
        200,
        &[
            "1001",
            "to be sent",
            &format!("href=\"/office/orders?customer={CUSTOMER}\""),
            "value=\"suspend\"",
            "name=\"reason\"",
        ],
    );
    let suspend = format!("POST /users/{CUSTOMER}/suspend");
    desk.answer(&suspend, 422, wrong(&[("/reason", "must hold 1 to 300 characters on one line")]));
    desk.answer(&suspend, 204, Value::Null);
    let refused = browser.send(&path, &[("act", "suspend"), ("reason", "<too long>")]).await;
    refused.holds(422, &["The reason must hold 1 to 300 characters on one line.", "value=\"&#60;too long&#62;\""]);
    browser.send(&path, &[("act", "suspend"), ("reason", "fraud")]).await.leads_to(&format!("{path}?done=suspend"));
    assert_eq!(desk.asked().last().unwrap().body, json!({ "reason": "fraud" }));
    browser.get(&format!("{path}?done=suspend")).await.holds(200, &["Nobody gets in with this account any more."]);

    let (desk, browser) = clerk("users:read users:manage").await;
    desk.answer(&format!("GET /users/{CUSTOMER}"), 200, user(true));
    browser.get(&path).await.holds(200, &["value=\"restore\"", "Your account may not see orders."]);
    desk.answer(&format!("POST /users/{CUSTOMER}/restore"), 204, Value::Null);
    browser.send(&path, &[("act", "restore")]).await.leads_to(&format!("{path}?done=restore"));
    browser.send(&path, &[("act", "../../erase")]).await.leads_to(&path);

    let (desk, reader) = clerk("users:read").await;
    desk.answer(&format!("GET /users/{CUSTOMER}"), 200, user(false));
    reader.get(&path).await.holds(200, &["ada@example.com"]).lacks(&["value=\"suspend\""]);
    desk.answer(&suspend, 403, problem("forbidden", "You may not do this."));
    reader.send(&path, &[("act", "suspend"), ("reason", "fraud")]).await.holds(403, &["You may not do this."]);
    reader.get("/office/customers/x").await.holds(404, &["There is nothing at this address."]);
}

#[tokio::test]
async fn a_guest_is_erased_by_who_proves_who_they_are_and_it_is_shown_how_far_that_is() {
    let (desk, browser) = clerk("users:read users:manage orders:read").await;
    let (path, nobody) = (format!("/office/customers/{CUSTOMER}"), problem("account_not_found", "There is none."));
    let (account, there) = (format!("GET /users/{CUSTOMER}"), format!("GET /users/guests/{CUSTOMER}"));
    desk.answer(&account, 404, nobody.clone());
    desk.answer(&there, 200, guest(None));
    let orders = format!("GET /orders?customer_id={CUSTOMER}&limit=10");
    desk.answer(&orders, 200, page(&[order(ORDER, 1001, "paid")], None));
    desk.answer("GET /auth/second-factor", 200, second_factor(false));
    browser.get(&path).await.holds(
        200,
        &[
            "A guest",
            "eve@example.com",
            "1001",
            "cannot be undone",
            "type=\"password\"",
            "name=\"act\" value=\"erase\"",
        ],
    );
    desk.answer("POST /auth/step-up", 403, problem("wrong_password", "This is not your password."));
    desk.answer("POST /auth/step-up", 200, stepped_up());
    let proof = [("act", "erase"), ("password", "correct horse")];
    let wrong = browser.send(&path, &proof).await;
    wrong.holds(403, &["This is not your password.", "href=\"#erase-password\""]).lacks(&["correct horse"]);
    let erase = format!("POST /users/{CUSTOMER}/erasure");
    assert!(!desk.lines().contains(&erase), "nothing is erased without a proof");
    desk.answer(&erase, 202, erasure("erasing"));
    browser.send(&path, &proof).await.leads_to(&path);
    let asked = desk.asked();
    let asked = asked.last().unwrap();
    assert_eq!((&*asked.line, asked.header("authorization")), (&*erase, "Bearer fresh-1"));

    desk.anew().answer(&account, 404, nobody.clone()).answer(&there, 404, nobody.clone());
    let progress = format!("GET /users/{CUSTOMER}/erasure");
    desk.answer(&progress, 200, erasure("erasing"));
    browser.get(&path).await.holds(200, &["Being erased", "order-service", "not yet"]);
    desk.anew().answer(&account, 404, nobody.clone()).answer(&there, 404, nobody.clone());
    desk.answer(&progress, 200, erasure("done"));
    browser.get(&path).await.holds(200, &["<h1>Erased</h1>", "Nothing about this person is left"]).lacks(&["not yet"]);
    desk.anew().answer(&account, 404, nobody.clone()).answer(&there, 404, nobody.clone());
    desk.answer(&progress, 404, problem("erasure_not_found", "There is none."));
    browser.get(&path).await.holds(404, &["There is nothing at this address."]);
}

#[tokio::test]
async fn who_may_not_erase_and_whose_orders_are_in_an_account_have_no_button() {
    let missing = problem("account_not_found", "There is none.");
    let path = format!("/office/customers/{CUSTOMER}");
    let (desk, reader) = clerk("users:read").await;
    desk.answer(&format!("GET /users/{CUSTOMER}"), 404, missing.clone());
    desk.answer(&format!("GET /users/guests/{CUSTOMER}"), 200, guest(None));
    reader.get(&path).await.holds(200, &["eve@example.com"]).lacks(&["Erase"]);
    let (desk, browser) = clerk("users:read users:manage").await;
    desk.answer(&format!("GET /users/{CUSTOMER}"), 404, missing);
    desk.answer(&format!("GET /users/guests/{CUSTOMER}"), 200, guest(Some(super::OTHER)));
    let account = format!("href=\"/office/customers/{}\"", super::OTHER);
    browser.get(&path).await.holds(200, &["is in an account", &account]).lacks(&["Erase"]);
    // An account is not erased by what was meant for a guest.
    desk.anew().answer(&format!("GET /users/guests/{CUSTOMER}"), 404, problem("account_not_found", "There is none."));
    browser.send(&path, &[("act", "erase"), ("password", "correct horse")]).await.leads_to(&path);
    assert!(desk.lines().iter().all(|line| !line.contains("erasure")), "{:?}", desk.lines());
}
