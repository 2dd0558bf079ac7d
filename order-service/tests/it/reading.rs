//! Reading orders: whose they are, and how lists are paged.

use crate::support::{Shop, cancel, paid};
use contracts::ServiceName;
use serde_json::{Value, json};

#[tokio::test]
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

#[tokio::test]
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

#[tokio::test]
async fn wrong_parameters_are_named() {
    let shop = Shop::open().await;
    shop.customer.get("/orders?limit=0").await.assert_problem(400, "invalid_limit");
    shop.customer.get("/orders?after=nonsense").await.assert_problem(400, "invalid_cursor");
    shop.customer.get("/orders?status=lost").await.assert_problem(422, "invalid_fields");
    shop.customer.get("/orders?colour=red").await.assert_problem(400, "invalid_query");
    shop.customer.get("/orders/no-id").await.assert_problem(404, "not_found");
}

#[tokio::test]
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

#[tokio::test]
async fn only_product_service_asks_for_an_orders_state() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let path = format!("/internal/orders/{}", order.order_id);
    let product = shop.signer.service(ServiceName::Product, ServiceName::Order);
    let answer = shop.running.client().with_token(product).get(&path).await;
    assert_eq!(answer.assert_status(200).body, json!({"id": order.order_id, "status": "pending"}));

    let payment = shop.signer.service(ServiceName::Payment, ServiceName::Order);
    shop.running.client().with_token(payment).get(&path).await.assert_problem(403, "forbidden");
    let elsewhere = shop.signer.service(ServiceName::Product, ServiceName::User);
    shop.running.client().with_token(elsewhere).get(&path).await.assert_problem(401, "invalid_token");
    shop.admin.get(&path).await.assert_problem(401, "invalid_token");
    shop.running.client().get(&path).await.assert_problem(401, "token_required");
}
