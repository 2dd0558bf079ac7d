//! `POST /orders`.

use crate::support::{Shop, body, cancel, place};
use contracts::events::order::Created;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_answered_with_names_prices_and_totals_of_the_server() {
    let shop = Shop::open().await;
    let answer = place(&shop.customer, "k1", body("MUG", 2)).await;
    answer.assert_status(201);
    insta::assert_json_snapshot!(answer.body, {
        ".id" => "[id]", ".customer_id" => "[id]", ".created_at" => "[time]", ".updated_at" => "[time]",
    }, @r#"
    {
      "created_at": "[time]",
      "customer_id": "[id]",
      "id": "[id]",
      "lines": [
        {
          "line_total": {
            "amount": 3998,
            "currency": "EUR"
          },
          "name": "The MUG",
          "quantity": 2,
          "sku": "MUG",
          "unit_price": {
            "amount": 1999,
            "currency": "EUR"
          }
        }
      ],
      "number": 1001,
      "payment_method": "sim_ok",
      "refunded": {
        "amount": 0,
        "currency": "EUR"
      },
      "shipping_address": {
        "city": "London",
        "country": "GB",
        "line1": "12 St James's Square",
        "name": "Ada Lovelace",
        "postal_code": "SW1Y 4JH"
      },
      "status": "pending",
      "total": {
        "amount": 3998,
        "currency": "EUR"
      },
      "updated_at": "[time]"
    }
    "#);
    shop.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_event_tells_what_the_answer_told() {
    let shop = Shop::open().await;
    let answer = place(&shop.customer, "k1", body("MUG", 2)).await;
    let created = shop.recorder.wait_for(|_: &Created| true).await;
    assert_eq!(created.data.order_id.to_string(), answer.text_at("/id"));
    assert_eq!(created.data.total.amount, 3998);
    assert_eq!(created.data.customer_id, shop.customer_id);
    assert_eq!((created.sequence, created.correlation_id), (1, created.data.order_id.uuid()));
    // The trace of the request goes on in the event.
    let traceparent = answer.headers["traceparent"].to_str().unwrap().to_owned();
    assert_eq!(created.traceparent.unwrap()[..35], traceparent[..35]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_identical_requests_at_once_make_one_order_and_get_one_answer() {
    let shop = Shop::open().await;
    let requests = (0..64).map(|_| {
        let customer = shop.customer.clone();
        tokio::spawn(async move { place(&customer, "same-key", body("MUG", 2)).await })
    });
    let mut answers: Vec<Value> = Vec::new();
    for request in requests.collect::<Vec<_>>() {
        let answer = request.await.unwrap();
        answer.assert_status(201);
        answers.push(answer.body);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "the answers differ");
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 1);
    assert_eq!(shop.database.count("SELECT count(*) FROM event_log").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_another_body_is_refused() {
    let shop = Shop::open().await;
    place(&shop.customer, "k1", body("MUG", 2)).await.assert_status(201);
    place(&shop.customer, "k1", body("MUG", 3)).await.assert_problem(422, "idempotency_key_reused");
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_customers_may_use_the_same_key() {
    let shop = Shop::open().await;
    let other = shop.customer.with_token(shop.signer.customer().1);
    let (one, two) = (place(&shop.customer, "k1", body("MUG", 2)).await, place(&other, "k1", body("MUG", 2)).await);
    assert_ne!(one.assert_status(201).text_at("/id"), two.assert_status(201).text_at("/id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_key_is_refused_before_anything_happens() {
    let shop = Shop::open().await;
    shop.customer.post("/orders", body("MUG", 1)).await.assert_problem(400, "idempotency_key_required");
    assert!(shop.products.asked.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lines_with_the_same_sku_are_summed_before_they_are_reserved() {
    let shop = Shop::open().await;
    let mut wish = body("MUG", 2);
    wish["lines"] =
        json!([{"sku": "MUG", "quantity": 2}, {"sku": "JUG", "quantity": 1}, {"sku": "MUG", "quantity": 3}]);
    place(&shop.customer, "k1", wish).await.assert_status(201);
    let asked = shop.products.asked.lock().unwrap()[0].clone();
    let lines: Vec<_> = asked.lines.iter().map(|line| (line.sku.as_str(), line.quantity.get())).collect();
    assert_eq!(lines, [("JUG", 1), ("MUG", 5)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_stock_is_said_at_once_with_what_is_short() {
    let shop = Shop::open().await;
    let answer = place(&shop.customer, "k1", body("NONE-LEFT", 1)).await;
    answer.assert_problem(409, "out_of_stock");
    assert_eq!(answer.body["short"], json!([{"sku": "NONE-LEFT", "requested": 1, "available": 0}]));
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_product_service_is_away_checkout_says_come_again() {
    let shop = Shop::without_products().await;
    let answer = place(&shop.customer, "k1", body("MUG", 1)).await;
    answer.assert_problem(503, "dependency_unavailable");
    assert_eq!(answer.headers["retry-after"], "2");
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_the_server_decides_cannot_be_sent() {
    let shop = Shop::open().await;
    for field in ["total", "status", "customer_id", "price"] {
        let mut wish = body("MUG", 1);
        wish[field] = json!(1);
        place(&shop.customer, field, wish).await.assert_problem(422, "invalid_fields");
    }
    let mut wish = body("MUG", 1);
    wish["lines"][0]["unit_price"] = json!(1);
    let answer = place(&shop.customer, "line", wish).await;
    assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/lines/0/unit_price");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_number_as_payment_method_is_refused_and_kept_nowhere() {
    let shop = Shop::open().await;
    for (key, number) in [("k1", "4242424242424242"), ("k2", "card_4242424242424242"), ("k3", "4242-4242-4242-4242")] {
        let mut wish = body("MUG", 1);
        wish["payment_method"] = json!(number);
        let answer = place(&shop.customer, key, wish).await;
        assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/payment_method");
        let said = answer.text_at("/errors/0/detail");
        assert!(said.contains("card numbers are never sent here"), "{said}");
        assert!(!answer.text.contains(number), "{}", answer.text);
    }
    assert!(shop.products.asked.lock().unwrap().is_empty());
    let kept = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM event_log)
                     + (SELECT count(*) FROM idempotency_keys)";
    assert_eq!(shop.database.count(kept).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_number_in_any_text_of_an_order_is_refused_and_kept_nowhere() {
    let shop = Shop::open().await;
    let fields = ["name", "line1", "line2", "postal_code", "city", "region"];
    let pointers = fields.map(|field| format!("/shipping_address/{field}"));
    // A Visa, an American Express and a Mastercard, as people spell them.
    for card in ["4242 4242 4242 4242", "3782\u{2013}822463\u{2013}10005", "5555x5555x5555x4444"] {
        for pointer in &pointers {
            let mut wish = body("MUG", 1);
            wish["shipping_address"]["line2"] = json!("Flat 2");
            wish["shipping_address"]["region"] = json!("Greater London");
            *wish.pointer_mut(pointer).unwrap() = json!(card);
            let answer = place(&shop.customer, "k", wish).await;
            assert_eq!(&answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), pointer);
            assert!(!answer.text.contains(card), "{}", answer.text);
        }
    }
    for method in ["card_4242_4242_4242_4242", "pm-3782-822463-10005", "tok_5555x5555x5555x4444"] {
        let mut wish = body("MUG", 1);
        wish["payment_method"] = json!(method);
        place(&shop.customer, "k", wish).await.assert_problem(422, "invalid_fields");
    }
    for key in ["4242424242424242", "3782-822463-10005"] {
        let refused = place(&shop.customer, key, body("MUG", 1)).await;
        refused.assert_problem(400, "invalid_idempotency_key");
        assert!(!refused.text.contains(key), "{}", refused.text);
    }
    assert!(shop.products.asked.lock().unwrap().is_empty());
    let kept = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM event_log)
                     + (SELECT count(*) FROM idempotency_keys)";
    assert_eq!(shop.database.count(kept).await, 0);
    // What is ordered is the catalogue's word: a barcode is a SKU like any other.
    place(&shop.customer, "k", body("4006381333931", 1)).await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_before_these_rules_is_shown_and_its_repeat_gets_its_answer() {
    let shop = Shop::open().await;
    let mut wish = body("MUG", 1);
    wish["shipping_address"]["line2"] = json!("Flat 2");
    let placed = place(&shop.customer, "k", wish.clone()).await;
    placed.assert_status(201);
    // As a version stored it that took any two letters, and lines that show nothing.
    let old =
        "UPDATE orders SET shipping_address = shipping_address || '{\"country\": \"ZZ\", \"line2\": \"\u{3164}\"}'";
    sqlx::query(old).execute(shop.database.pool()).await.unwrap();
    let shown = shop.customer.get(&format!("/orders/{}", placed.text_at("/id"))).await;
    assert_eq!(shown.assert_status(200).text_at("/shipping_address/country"), "ZZ");
    // The fingerprint of the body that version took; a new key for it is refused.
    wish["shipping_address"]["country"] = json!("UK");
    let refused = place(&shop.customer, "another", wish.clone()).await;
    assert_eq!(refused.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/shipping_address/country");
    let fingerprint = fingerprint(&wish);
    let stored = sqlx::query("UPDATE idempotency_keys SET fingerprint = $1").bind(fingerprint);
    stored.execute(shop.database.pool()).await.unwrap();
    let repeated = place(&shop.customer, "k", wish).await;
    assert_eq!(repeated.assert_status(201).body, placed.body);
}

/// As the service makes it: over the body's fields in their own order.
fn fingerprint(wish: &Value) -> Vec<u8> {
    let text = |pointer: &str| wish.pointer(pointer).unwrap().to_string();
    let address = ["name", "line1", "line2", "postal_code", "city", "country"];
    let address = address.map(|field| format!("\"{field}\":{}", text(&format!("/shipping_address/{field}"))));
    let body = format!(
        "{{\"lines\":[{{\"sku\":{},\"quantity\":{}}}],\"payment_method\":{},\"shipping_address\":{{{}}}}}",
        text("/lines/0/sku"),
        text("/lines/0/quantity"),
        text("/payment_method"),
        address.join(",")
    );
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes()).as_ref().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zero_byte_in_any_text_is_refused_before_the_database_would() {
    let shop = Shop::open().await;
    let address = ["name", "line1", "line2", "postal_code", "city", "region", "country"];
    let address = address.map(|field| format!("/shipping_address/{field}"));
    let other = ["/lines/0/sku".to_owned(), "/payment_method".to_owned()];
    for pointer in other.into_iter().chain(address) {
        let mut wish = body("MUG", 1);
        wish["shipping_address"]["line2"] = json!("Flat 2");
        wish["shipping_address"]["region"] = json!("Greater London");
        *wish.pointer_mut(&pointer).unwrap() = json!("a\0b");
        let answer = place(&shop.customer, &pointer, wish).await;
        assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), pointer);
    }
    shop.customer.get("/orders?status=a%00b").await.assert_problem(422, "invalid_fields");
    shop.customer.get("/orders?customer_id=%00").await.assert_problem(400, "invalid_query");
    shop.customer.get("/orders/%00").await.assert_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_can_hold_only_so_many_unpaid_orders() {
    let shop = Shop::open().await;
    for key in 0..20 {
        place(&shop.customer, &format!("k{key}"), body("MUG", 1)).await.assert_status(201);
    }
    place(&shop.customer, "one-more", body("MUG", 1)).await.assert_problem(429, "too_many_open_orders");
    // A repeat is no new order.
    place(&shop.customer, "k0", body("MUG", 1)).await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_of_the_order_that_reaches_the_limit_get_its_answer() {
    let shop = Shop::open().await;
    for key in 0..19 {
        place(&shop.customer, &format!("k{key}"), body("MUG", 1)).await.assert_status(201);
    }
    for round in 0..4 {
        let requests = (0..64).map(|_| {
            let customer = shop.customer.clone();
            tokio::spawn(async move { place(&customer, &format!("last-{round}"), body("MUG", 1)).await })
        });
        let mut ids = Vec::new();
        for request in requests.collect::<Vec<_>>() {
            ids.push(request.await.unwrap().assert_status(201).text_at("/id"));
        }
        assert!(ids.iter().all(|id| *id == ids[0]), "the answers differ");
        cancel(&shop.customer, ids[0].parse().unwrap()).await.assert_status(200);
    }
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nobody_orders() {
    let shop = Shop::open().await;
    place(&shop.running.client(), "k1", body("MUG", 1)).await.assert_problem(401, "token_required");
    let forged = shop.running.client().with_token("a.b.c");
    place(&forged, "k1", body("MUG", 1)).await.assert_problem(401, "invalid_token");
}
