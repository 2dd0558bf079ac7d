//! Reading orders: whose they are, and how lists are paged.

use crate::support::{Shop, body, cancel, paid, place, refunded};
use contracts::{ServiceName, events::product::ReservationExpired};
use serde_json::{Value, json};
use test_kit::{Answer, event};

#[tokio::test(flavor = "multi_thread")]
async fn another_customers_order_is_not_found_and_not_changed() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let stranger = shop.customer.with_token(shop.signer.customer().1);
    let path = format!("/orders/{}", order.order_id);
    stranger.get(&path).await.assert_problem(404, "order_not_found");
    stranger.get(&format!("{path}/timeline")).await.assert_problem(404, "order_not_found");
    cancel(&stranger, order.order_id).await.assert_problem(404, "order_not_found");
    assert_eq!(stranger.get("/orders").await.body, json!({"items": [], "next": null}));
    assert_eq!(shop.status(order.order_id).await, "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_every_order_once_newest_first() {
    let shop = Shop::open().await;
    let mut placed = Vec::new();
    for _ in 0..5 {
        placed.push(shop.order().await.number);
    }
    placed.reverse();
    let mut seen = Vec::new();
    let mut path = "/orders?limit=2".to_owned();
    loop {
        let page = shop.customer.get(&path).await;
        page.assert_status(200);
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|order| order["number"].as_i64().unwrap()));
        let Value::String(next) = &page.body["next"] else { break };
        path = format!("/orders?limit=2&after={next}");
    }
    assert_eq!(seen, placed);
}

/// The numbers of the orders a list shows.
fn numbers(answer: &Answer) -> Vec<i64> {
    let items = answer.assert_status(200).body["items"].as_array().unwrap();
    items.iter().map(|order| order["number"].as_i64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_the_orders_of_one_status() {
    let shop = Shop::open().await;
    let (pending, cancelled, later) = (shop.order().await, shop.order().await, shop.order().await);
    cancel(&shop.customer, cancelled.order_id).await.assert_status(200);
    let shown = shop.customer.get("/orders?status=cancelled").await;
    assert_eq!(numbers(&shown), [cancelled.number]);
    assert_eq!(numbers(&shop.customer.get("/orders?status=pending").await), [later.number, pending.number]);
    assert_eq!(numbers(&shop.customer.get("/orders?status=fulfilled").await), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_all_orders_or_one_customers_and_a_customer_only_their_own() {
    let shop = Shop::open().await;
    let mine = shop.order().await;
    let (other_id, token) = shop.signer.customer();
    let other = shop.customer.with_token(token);
    let theirs = place(&other, "k1", body("MUG", 1)).await.assert_status(201).body["number"].as_i64().unwrap();
    assert_eq!(numbers(&shop.admin.get("/orders").await), [theirs, mine.number]);
    let (of_other, of_mine) =
        (format!("/orders?customer_id={other_id}"), format!("/orders?customer_id={}", shop.customer_id));
    assert_eq!(numbers(&shop.admin.get(&of_other).await), [theirs]);
    assert_eq!(numbers(&shop.admin.get(&format!("{of_mine}&status=pending")).await), [mine.number]);
    assert_eq!(numbers(&shop.admin.get(&format!("{of_mine}&status=paid")).await), [0; 0]);
    // Asking for another's shows one's own.
    assert_eq!(numbers(&shop.customer.get(&of_other).await), [mine.number]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_named() {
    let shop = Shop::open().await;
    shop.customer.get("/orders?limit=0").await.assert_problem(400, "invalid_limit");
    shop.customer.get("/orders?after=nonsense").await.assert_problem(400, "invalid_cursor");
    shop.customer.get("/orders?status=lost").await.assert_problem(422, "invalid_fields");
    shop.customer.get("/orders?colour=red").await.assert_problem(400, "invalid_query");
    shop.customer.get("/orders/no-id").await.assert_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_names_each_step_and_its_cause() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let payment = paid(&order);
    shop.deliver(&payment).await;
    let timeline = shop.customer.get(&format!("/orders/{}/timeline", order.order_id)).await;
    let entries = timeline.assert_status(200).body["entries"].as_array().unwrap();
    let steps: Vec<_> = entries.iter().map(|entry| (entry["what"].as_str().unwrap(), &entry["cause_id"])).collect();
    assert_eq!(steps, [("placed; stock is reserved", &Value::Null), ("paid", &json!(payment.id))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_of_a_cancelled_order_tells_of_all_that_came_too_late() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    cancel(&shop.customer, order.order_id).await.assert_status(200);
    let expired = ReservationExpired { checkout_id: order.checkout_id, order_id: order.order_id };
    let events = [paid(&order), refunded(&order), event(1, expired)];
    for event in &events {
        shop.deliver(event).await;
    }
    let timeline = shop.customer.get(&format!("/orders/{}/timeline", order.order_id)).await;
    let entries = timeline.assert_status(200).body["entries"].as_array().unwrap();
    let steps: Vec<_> =
        entries.iter().map(|entry| json!([entry["what"], entry["to_status"], entry["cause_id"]])).collect();
    let expected = [
        json!(["placed; stock is reserved", "pending", null]),
        json!(["cancelled on request", "cancelled", null]),
        json!(["a payment came too late and is refunded", "cancelled", events[0].id]),
        json!(["39.98 EUR refunded", "cancelled", events[1].id]),
        // That its stock was given back is no news about a cancelled order.
    ];
    assert_eq!(steps, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_product_service_asks_whether_a_checkout_expires() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let path = format!("/internal/checkouts/{}/expire", order.checkout_id);
    let ask = |token: String| {
        let (client, path) = (shop.running.client().with_token(token), path.clone());
        async move { client.post(&path, json!({})).await }
    };
    let answer = ask(shop.signer.service(ServiceName::Product, ServiceName::Order)).await;
    assert_eq!(answer.assert_status(200).body, json!({"checkout_id": order.checkout_id, "expired": false}));

    ask(shop.signer.service(ServiceName::Payment, ServiceName::Order)).await.assert_problem(403, "forbidden");
    ask(shop.signer.service(ServiceName::Product, ServiceName::User)).await.assert_problem(401, "invalid_token");
    shop.admin.post(&path, json!({})).await.assert_problem(401, "invalid_token");
    shop.running.client().post(&path, json!({})).await.assert_problem(401, "token_required");
}
