//! What is sent in another shape than it is wanted does nothing.

use crate::support::{Shop, body, cancel, place};
use serde_json::{Value, json};

/// Whoever names lines means those lines: the whole order was cancelled, with a 200.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_or_a_fulfilment_that_names_lines_does_nothing() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    for what in ["cancel", "fulfil"] {
        let path = format!("/orders/{}/{what}", order.order_id);
        let staff = shop.admin.with_header("Idempotency-Key", "some lines");
        for lines in [json!({"lines": [{"sku": "MUG", "quantity": 1}]}), json!({"lines": []}), json!({"lines": null})] {
            let refused = staff.post(&path, lines).await;
            refused.assert_problem(422, "invalid_fields");
            assert_eq!(refused.text_at("/errors/0/pointer"), "/lines", "{what}");
        }
        staff.post(&path, json!([{"sku": "MUG"}])).await.assert_problem(422, "invalid_fields");
        staff.post(&path, json!("MUG")).await.assert_problem(422, "invalid_fields");
        staff.post(&format!("{path}?lines=MUG"), json!({})).await.assert_problem(400, "invalid_query");
    }
    assert_eq!(shop.status(order.order_id).await, "pending");
    cancel(&shop.customer, order.order_id).await.assert_status(200);
    shop.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quantity_may_be_written_in_any_way_json_has_for_a_whole_number() {
    let shop = Shop::open().await;
    let with = |quantity: &str| {
        let text = body("MUG", 7).to_string().replace("\"quantity\":7", &format!("\"quantity\":{quantity}"));
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let first = place(&shop.customer, "k1", with("3.0")).await;
    assert_eq!(first.assert_status(201).body["lines"][0]["quantity"], 3);
    // One wish, however it is written.
    for same in ["3", "3e0", "3.000"] {
        assert_eq!(place(&shop.customer, "k1", with(same)).await.assert_status(201).body["id"], first.body["id"]);
    }
    for wrong in ["3.5", "2.9999", "1e18", "-0.5", "\"3\"", "true", "null", "[3]"] {
        let refused = place(&shop.customer, "k2", with(wrong)).await;
        refused.assert_problem(422, "invalid_fields");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/lines/0/quantity", "{wrong}");
    }
    for outside in ["0.0", "-1.0", "1000.0", "1e9"] {
        let refused = place(&shop.customer, "k2", with(outside)).await;
        assert!(refused.assert_problem(422, "invalid_fields").text.contains("is not a quantity"), "{}", refused.text);
    }
    shop.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_sent_by_position_or_with_a_name_twice_is_none() {
    let shop = Shop::open().await;
    let whole = body("MUG", 1);
    let by_position = json!([whole["lines"], whole["payment_method"], whole["shipping_address"]]);
    let mut line = whole.clone();
    line["lines"][0] = json!(["MUG", 1]);
    let mut address = whole.clone();
    address["shipping_address"] = json!(["Ada", "1 Road", null, "1", "Town", null, "GB"]);
    for (sent, pointer) in [(by_position, ""), (line, "/lines/0"), (address, "/shipping_address")] {
        let refused = place(&shop.customer, "k1", sent).await;
        refused.assert_problem(422, "invalid_fields");
        assert_eq!(refused.text_at("/errors/0/pointer"), pointer);
        assert!(refused.text_at("/errors/0/detail").starts_with("must be an object with `"), "{}", refused.text);
    }
    let twice = whole.to_string().replace("\"quantity\":1", "\"quantity\":1,\"quantity\":5");
    let request = reqwest::Client::new().post(format!("{}/orders", shop.running.url)).body(twice);
    let request = request.header("content-type", "application/json").header("idempotency-key", "k1");
    let token = shop.signer.customer().1;
    let answer = request.bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 422);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["errors"][0]["pointer"], "/lines/0/quantity");
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_leads_nowhere_in_another_list() {
    let shop = Shop::open().await;
    for _ in 0..3 {
        shop.order().await;
    }
    let next = shop.customer.get("/orders?limit=1&status=pending").await.text_at("/next");
    shop.customer.get(&format!("/orders?status=pending&limit=2&after={next}")).await.assert_status(200);
    let own = format!("/orders?status=pending&customer_id={}&after={next}", shop.customer_id);
    shop.admin.get(&own).await.assert_status(200);
    let stranger = shop.customer.with_token(shop.signer.customer().1);
    for (who, query) in [
        (&shop.customer, ""),
        (&shop.customer, "status=paid"),
        (&stranger, "status=pending"),
        (&shop.admin, "status=pending"),
    ] {
        who.get(&format!("/orders?{query}&after={next}")).await.assert_problem(400, "invalid_cursor");
    }
}
