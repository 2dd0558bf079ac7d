//! Staff adjusts stock by movements that are never changed.

use crate::support::Shop;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn movements_tell_how_the_level_came_to_be() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let path = shop.path("A").await;
    let adjust = format!("{path}/stock-adjustments");
    let came = json!({ "quantity": 10, "reason": "restocked", "note": "delivery 17" });
    let answer = shop.staff().post(&adjust, came).await;
    let level = json!({ "sku": "A", "location": "main", "on_hand": 15, "reserved": 0, "available": 15 });
    assert_eq!(answer.expect::<Value>(201), level);
    let checkout = shop.held(&[("A", 4)]).await;
    shop.staff().post(&adjust, json!({ "quantity": -2, "reason": "damaged" })).await.assert_status(201);
    shop.deliver(checkout.paid()).await;
    shop.deliver(checkout.fulfilled()).await;
    shop.held(&[("A", 1)]).await;

    let stock: Value = shop.staff().get(&format!("{path}/stock")).await.expect(200);
    assert_eq!((&stock["on_hand"], &stock["reserved"], &stock["available"]), (&json!(9), &json!(1), &json!(8)));
    let told: Vec<Value> = stock["movements"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|movement| json!([movement["kind"], movement["quantity"], movement["reason"], movement["note"]]))
        .collect();
    let expected = [
        json!(["shipped", -4, null, null]),
        json!(["adjusted", -2, "damaged", null]),
        json!(["restocked", 10, "restocked", "delivery 17"]),
        json!(["initial", 5, null, null]),
    ];
    assert_eq!(told, expected);
    assert_eq!(stock["movements"]["items"][0]["order_id"], json!(checkout.order_id));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn movements_are_paged() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    for quantity in 1..=4 {
        shop.restock("A", quantity).await;
    }
    let path = format!("{}/stock?limit=2", shop.path("A").await);
    let mut quantities = Vec::new();
    let mut address = path.clone();
    loop {
        let page: Value = shop.staff().get(&address).await.expect(200);
        let items = page["movements"]["items"].as_array().unwrap();
        quantities.extend(items.iter().map(|movement| movement["quantity"].as_i64().unwrap()));
        let Some(next) = page["movements"]["next"].as_str() else { break };
        address = format!("{path}&after={next}");
    }
    assert_eq!(quantities, [4, 3, 2, 1, 5]);
    shop.close().await;
}

/// Of a list of levels: which SKUs, and how many of each can be had.
fn told(page: &Value) -> Vec<(&str, i64)> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|line| (line["sku"].as_str().unwrap(), line["available"].as_i64().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_are_listed_by_sku_page_by_page_and_by_how_a_sku_begins() {
    let shop = Shop::open().await;
    shop.stock(&[("MUG-2", 5), ("mug-10", 4), ("BOWL", 3), ("MUG", 2), ("Z.9", 1)]).await;
    shop.held(&[("MUG-2", 2)]).await;
    let all: Value = shop.staff().get("/products/stock").await.expect(200);
    assert_eq!(told(&all), [("BOWL", 3), ("MUG", 2), ("mug-10", 4), ("MUG-2", 3), ("Z.9", 1)]);
    let line = &all["items"][3];
    assert_eq!((&line["on_hand"], &line["reserved"], &line["status"]), (&json!(5), &json!(2), &json!("active")));
    assert_eq!(line["name"], "Thing MUG-2");
    let mut address = "/products/stock?sku=mug&limit=1".to_owned();
    let mut found = Vec::new();
    loop {
        let page: Value = shop.staff().get(&address).await.expect(200);
        found.extend(told(&page).iter().map(|(sku, _)| (*sku).to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        address = format!("/products/stock?sku=mug&limit=1&after={next}");
    }
    assert_eq!(found, ["MUG", "mug-10", "MUG-2"]);
    for wrong in ["sku=a'b", "sku=%25", "low=-1", "low=1001", "low=3&sku=M", "offset=3"] {
        shop.staff().get(&format!("/products/stock?{wrong}")).await.assert_problem(400, "invalid_query");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_low_is_listed_with_the_lowest_first_and_only_while_it_is_sold() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 9), ("B", 2), ("C", 4), ("D", 0), ("E", 0)]).await;
    shop.held(&[("C", 3)]).await;
    let archived = shop.staff().with_header("if-match", "*");
    archived.send(Method::POST, &format!("{}/archive", shop.path("E").await), None).await.assert_status(200);
    let low: Value = shop.staff().get("/products/stock?low=2").await.expect(200);
    assert_eq!((told(&low), &low["next"]), (vec![("D", 0), ("C", 1), ("B", 2)], &Value::Null));
    let first: Value = shop.staff().get("/products/stock?low=1000&limit=1").await.expect(200);
    assert_eq!(told(&first), [("D", 0)]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reserved_cannot_be_taken_away() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    shop.held(&[("A", 3)]).await;
    let adjust = format!("{}/stock-adjustments", shop.path("A").await);
    let refused = shop.staff().post(&adjust, json!({ "quantity": -3, "reason": "lost" })).await;
    refused.assert_problem(409, "below_reserved");
    assert_eq!((&refused.body["on_hand"], &refused.body["reserved"]), (&json!(5), &json!(3)));
    shop.staff().post(&adjust, json!({ "quantity": -2, "reason": "lost" })).await.assert_status(201);
    assert_eq!(shop.level("A").await, (3, 3));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_with_one_idempotency_key_move_once() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 5)]).await;
    let adjust = format!("{}/stock-adjustments", shop.path("A").await);
    let staff = shop.staff().with_header("idempotency-key", "delivery-17");
    let body = json!({ "quantity": 10, "reason": "restocked" });
    let tries = (0..8).map(|_| {
        let (staff, adjust, body) = (staff.clone(), adjust.clone(), body.clone());
        tokio::spawn(async move { staff.post(&adjust, body).await })
    });
    for answer in tries.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        assert_eq!(answer.expect::<Value>(201)["on_hand"], 15);
    }
    assert_eq!(shop.level("A").await, (15, 0));
    // What could not be taken a second time is not asked for a second time.
    let all = shop.staff().with_header("idempotency-key", "fire");
    for _ in 0..2 {
        let answer = all.post(&adjust, json!({ "quantity": -15, "reason": "damaged" })).await;
        assert_eq!(answer.expect::<Value>(201)["on_hand"], 0);
    }
    let other = format!("{}/stock-adjustments", shop.path("B").await);
    staff.post(&other, body).await.assert_problem(422, "idempotency_key_reused");
    assert_eq!(shop.level("B").await, (5, 0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn adjustments_and_reservations_at_the_same_moment_lose_nothing() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 20)]).await;
    let adjust = format!("{}/stock-adjustments", shop.path("A").await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (staff, adjust) = (shop.staff(), adjust.clone());
        tasks.spawn(async move { staff.post(&adjust, json!({ "quantity": -1, "reason": "counted" })).await });
        let (orders, request) = (shop.order_service(), crate::support::Checkout::new().request(&[("A", 1)]));
        tasks.spawn(async move { orders.post("/internal/reservations", request).await });
    }
    let answers = tasks.join_all().await;
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    let held = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(taken + held, 20, "as many as there were pieces");
    let level = (20 - i64::try_from(taken).unwrap(), i64::try_from(held).unwrap());
    assert_eq!(shop.level("A").await, level);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adjustment_must_make_sense() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let adjust = format!("{}/stock-adjustments", shop.path("A").await);
    let wrong = [
        json!({ "quantity": 0, "reason": "counted" }),
        json!({ "quantity": -1, "reason": "restocked" }),
        json!({ "quantity": 1, "reason": "lost" }),
        json!({ "quantity": 1, "reason": "because" }),
        json!({ "quantity": i64::MAX, "reason": "counted" }),
        json!({ "quantity": 1.5, "reason": "counted" }),
        json!({ "quantity": 1, "reason": "counted", "on_hand": 9 }),
        json!({ "quantity": 1, "reason": "counted", "note": "a\u{0}b" }),
    ];
    for body in wrong {
        shop.staff().post(&adjust, body).await.assert_problem(422, "invalid_fields");
    }
    let missing = shop.staff().send(Method::POST, &adjust, None).await;
    missing.assert_problem(415, "json_required");
    assert_eq!(shop.level("A").await, (5, 0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn movements_can_neither_be_changed_nor_removed() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    for statement in [
        "UPDATE stock_movements SET quantity = quantity * 2",
        "DELETE FROM stock_movements",
        "TRUNCATE stock_movements",
    ] {
        let refused = sqlx::query(statement).execute(shop.database.pool()).await.unwrap_err().to_string();
        assert!(refused.contains("stock_movements is append-only"), "{statement}: {refused}");
    }
    shop.close().await;
}
