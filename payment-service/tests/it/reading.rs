//! Who may see which payment, and what it looks like.

use crate::support::{Desk, Order};
use contracts::{
    AccountId,
    events::payment::{Completed, Failed, Refunded},
};
use serde_json::{Value, json};
use service_kit::auth::Role;

/// A desk with one payment of `customer`, captured.
async fn desk_with_a_payment_of(customer: AccountId, desk: Desk) -> (Desk, Order, String) {
    let order = Order::of(customer, "sim_ok", 1999);
    desk.deliver(&order.created()).await;
    let completed = desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    (desk, order, completed.data.payment_id.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_sees_the_payment_of_an_order() {
    let desk = Desk::open().await;
    let (customer, token) = desk.signer.customer();
    let (desk, order, id) = desk_with_a_payment_of(customer, desk).await;
    let client = desk.running.client().with_token(token);
    let mut answer: Value = client.get(&format!("/payments?order_id={}", order.id)).await.expect(200);
    let item = answer["items"][0].as_object_mut().unwrap();
    assert!(item.remove("created_at").unwrap().as_str().unwrap().ends_with('Z'));
    assert!(item.remove("updated_at").unwrap().as_str().unwrap().ends_with('Z'));
    let euros = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
    let expected = json!({
        "items": [{
            "id": id, "order_id": order.id, "order_number": 1001, "customer_id": customer,
            "total": euros(1999), "method": "sim_ok", "status": "captured",
            "authorised": euros(1999), "captured": euros(1999), "refunded": euros(0), "failure_reason": null,
        }],
        "next": null,
    });
    assert_eq!(answer, expected);
    assert_eq!(client.get("/payments").await.expect::<Value>(200)["items"][0]["id"], id.as_str());
    let shown: Value = client.get(&format!("/payments/{id}")).await.expect(200);
    assert_eq!((&shown["id"], &shown["refunds"]), (&json!(id), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_are_shown_with_their_payment() {
    let desk = Desk::open().await;
    let (customer, token) = desk.signer.customer();
    let (desk, order, id) = desk_with_a_payment_of(customer, desk).await;
    desk.deliver(&order.cancelled()).await;
    let refunded = desk.recorder.wait_for::<Refunded>(|data| data.order_id == order.id).await;
    let shown: Value = desk.running.client().with_token(token).get(&format!("/payments/{id}")).await.expect(200);
    assert_eq!(shown["refunded"], json!({ "amount": 1999, "currency": "EUR" }));
    let [refund] = shown["refunds"].as_array().unwrap().as_slice() else { panic!("{shown}") };
    assert_eq!(refund["id"], refunded.data.refund_id.to_string());
    assert_eq!((&refund["status"], &refund["amount"]["amount"]), (&json!("completed"), &json!(1999)));
    assert!(refund["completed_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_payment_shows_its_reason() {
    let desk = Desk::open().await;
    let (customer, token) = desk.signer.customer();
    let order = Order::of(customer, "sim_declined", 1999);
    desk.deliver(&order.created()).await;
    desk.recorder.wait_for::<Failed>(|data| data.order_id == order.id).await;
    let client = desk.running.client().with_token(token);
    let answer: Value = client.get(&format!("/payments?order_id={}", order.id)).await.expect(200);
    let item = &answer["items"][0];
    assert_eq!((&item["status"], &item["failure_reason"]), (&json!("failed"), &json!("declined")));
    assert_eq!(item["captured"]["amount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_customers_payment_is_not_there() {
    let desk = Desk::open().await;
    let (owner, _) = desk.signer.customer();
    let (_, stranger) = desk.signer.customer();
    let (desk, order, id) = desk_with_a_payment_of(owner, desk).await;
    let client = desk.running.client().with_token(stranger);
    let nothing = json!({ "items": [], "next": null });
    assert_eq!(client.get(&format!("/payments?order_id={}", order.id)).await.expect::<Value>(200), nothing);
    assert_eq!(client.get("/payments").await.expect::<Value>(200), nothing);
    client.get(&format!("/payments/{id}")).await.assert_problem(404, "payment_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_every_payment() {
    let desk = Desk::open().await;
    let (owner, _) = desk.signer.customer();
    let (desk, order, id) = desk_with_a_payment_of(owner, desk).await;
    let client = desk.running.client().with_token(desk.signer.admin());
    for path in ["/payments".to_owned(), format!("/payments?order_id={}", order.id)] {
        assert_eq!(client.get(&path).await.expect::<Value>(200)["items"][0]["id"], id.as_str());
    }
    assert_eq!(client.get(&format!("/payments/{id}")).await.expect::<Value>(200)["id"], id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_read_page_by_page_newest_first() {
    let desk = Desk::open().await;
    let customer = service_kit::Clock::system().new_id();
    for _ in 0..5 {
        desk.deliver(&Order::of(customer, "sim_ok", 100).created()).await;
    }
    desk.deliver(&Order::new("sim_ok").created()).await;
    let token = desk.signer.person(customer, Role::Customer);
    let (mine, all) = (desk.running.client().with_token(token), desk.running.client().with_token(desk.signer.admin()));
    for (client, expected) in [(mine, 5), (all, 6)] {
        let (mut ids, mut path) = (Vec::new(), "/payments?limit=2".to_owned());
        loop {
            let page: Value = client.get(&path).await.expect(200);
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/payments?limit=2&after={next}");
        }
        assert_eq!(ids.len(), expected);
        assert!(ids.is_sorted_by(|newer, older| newer > older), "{ids:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_listed_by_where_they_stand() {
    let desk = Desk::open().await;
    let customer = service_kit::Clock::system().new_id();
    let (paid, declined, also) =
        (Order::of(customer, "sim_ok", 100), Order::of(customer, "sim_declined", 100), Order::new("sim_ok"));
    for order in [&paid, &declined, &also] {
        desk.deliver(&order.created()).await;
    }
    desk.recorder.wait_for::<Failed>(|data| data.order_id == declined.id).await;
    for order in [&paid, &also] {
        desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    }
    let mine = desk.running.client().with_token(desk.signer.person(customer, Role::Customer));
    let all = desk.running.client().with_token(desk.signer.admin());
    for (client, status, expected) in [
        (&all, "captured", vec![also.id, paid.id]),
        (&all, "failed", vec![declined.id]),
        (&all, "cancelled", vec![]),
        (&all, "unknown", vec![]),
        (&all, "created", vec![]),
        (&mine, "captured", vec![paid.id]),
        (&mine, "failed", vec![declined.id]),
    ] {
        let page: Value = client.get(&format!("/payments?status={status}")).await.expect(200);
        let found: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|item| &item["order_id"]).collect();
        assert_eq!(json!(found), json!(expected), "{status}");
        assert_eq!(page["next"], Value::Null, "{status}");
    }
    let first: Value = all.get("/payments?status=captured&limit=1").await.expect(200);
    let next = first["next"].as_str().unwrap();
    let rest: Value = all.get(&format!("/payments?status=captured&limit=1&after={next}")).await.expect(200);
    assert_eq!(rest["items"][0]["order_id"], json!(paid.id));
    all.get(&format!("/payments?status=failed&after={next}")).await.assert_problem(400, "invalid_cursor");
    let none: Value = all.get(&format!("/payments?order_id={}&status=failed", paid.id)).await.expect(200);
    assert_eq!(none["items"], json!([]));
    all.get("/payments?status=lost").await.assert_problem(400, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_what_the_books_have_of_a_payment_and_its_refunds() {
    let desk = Desk::open().await;
    let (customer, token) = desk.signer.customer();
    let (desk, order, id) = desk_with_a_payment_of(customer, desk).await;
    desk.deliver(&order.cancelled()).await;
    let refunded = desk.recorder.wait_for::<Refunded>(|data| data.order_id == order.id).await;
    let staff = desk.running.client().with_token(desk.signer.admin());
    let ledger: Value = staff.get(&format!("/payments/{id}/ledger")).await.expect(200);
    let told: Vec<Value> = ledger["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|booked| json!([booked["kind"], booked["source_id"], booked["entries"]]))
        .collect();
    let entry =
        |account: &str, amount: i64| json!({ "account": account, "amount": { "amount": amount, "currency": "EUR" } });
    let (taken, owed) = ("provider_clearing", "customer_prepayments");
    assert_eq!(
        json!(told),
        json!([
            ["capture", id, [entry(taken, 1999), entry(owed, -1999)]],
            ["refund", refunded.data.refund_id, [entry(owed, 1999), entry(taken, -1999)]],
        ])
    );
    let nowhere = "0190a5d0-ac96-774b-bcce-b302099a8057";
    staff.get(&format!("/payments/{nowhere}/ledger")).await.assert_problem(404, "payment_not_found");
    // Not even who paid.
    let owner = desk.running.client().with_token(token);
    owner.get(&format!("/payments/{id}/ledger")).await.assert_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_wrongly_is_refused_with_a_reason() {
    let desk = Desk::open().await;
    let anybody = desk.running.client();
    let id = "0190a5d0-ac96-774b-bcce-b302099a8057";
    anybody.get("/payments").await.assert_problem(401, "token_required");
    anybody.get(&format!("/payments/{id}")).await.assert_problem(401, "token_required");
    anybody.with_token("forged").get("/payments").await.assert_problem(401, "invalid_token");
    let (_, token) = desk.signer.customer();
    let customer = anybody.with_token(token);
    customer.get("/payments?order_id=12").await.assert_problem(400, "invalid_query");
    customer.get("/payments?order_id=%00").await.assert_problem(400, "invalid_query");
    // A misspelt filter must not show everything.
    customer.get(&format!("/payments?orderid={id}")).await.assert_problem(400, "invalid_query");
    customer.get("/payments?limit=0").await.assert_problem(400, "invalid_limit");
    customer.get("/payments?after=nonsense").await.assert_problem(400, "invalid_cursor");
    customer.get("/payments/12").await.assert_problem(404, "not_found");
    customer.get(&format!("/payments/{id}")).await.assert_problem(404, "payment_not_found");
    customer.post("/payments", json!({})).await.assert_problem(405, "method_not_allowed");
}
