//! Staff find orders: by number, customers, SKU, several statuses and time.

use crate::support::{Shop, body, cancel, paid, place};
use serde_json::json;
use test_kit::{Answer, Client};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

async fn bought(client: &Client, sku: &str) -> i64 {
    let answer = place(client, &uuid::Uuid::new_v4().to_string(), body(sku, 1)).await;
    answer.assert_status(201).body["number"].as_i64().unwrap()
}

#[track_caller]
fn numbers(answer: &Answer) -> Vec<i64> {
    let items = answer.assert_status(200).body["items"].as_array().unwrap();
    items.iter().map(|order| order["number"].as_i64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_found_by_its_number_by_whom_it_concerns() {
    let shop = Shop::open().await;
    let number = bought(&shop.customer, "MUG").await;
    let path = format!("/orders?number={number}");
    assert_eq!(numbers(&shop.admin.get(&path).await), [number]);
    assert_eq!(numbers(&shop.customer.get(&path).await), [number]);
    let stranger = shop.customer.with_token(shop.signer.customer().1);
    assert_eq!(numbers(&stranger.get(&path).await), [0; 0]);
    assert_eq!(numbers(&shop.admin.get(&format!("{path}&status=paid")).await), [0; 0]);
    assert_eq!(numbers(&shop.admin.get(&format!("{path}&sku=MUG")).await), [number]);
    assert_eq!(numbers(&shop.admin.get("/orders?number=7").await), [0; 0]);
    shop.admin.get("/orders?number=many").await.assert_problem(400, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_several_customers_are_one_list_page_by_page() {
    let shop = Shop::open().await;
    let (other_id, token) = shop.signer.customer();
    let (stranger_id, stranger) = shop.signer.customer();
    let (other, stranger) = (shop.customer.with_token(token), shop.customer.with_token(stranger));
    let mut placed = Vec::new();
    for client in [&shop.customer, &other, &stranger, &shop.customer, &other] {
        placed.push(bought(client, "MUG").await);
    }
    let path = format!("/orders?customer_id={},{other_id}", shop.customer_id);
    assert_eq!(numbers(&shop.admin.get(&path).await), [placed[4], placed[3], placed[1], placed[0]]);
    let first = shop.admin.get(&format!("{path}&limit=3")).await;
    let rest = shop.admin.get(&format!("{path}&limit=3&after={}", first.text_at("/next"))).await;
    assert_eq!((numbers(&first).len(), numbers(&rest)), (3, vec![placed[0]]));
    assert_eq!(numbers(&shop.admin.get(&format!("{path}&status=paid")).await), [0; 0]);
    assert_eq!(numbers(&shop.admin.get(&format!("{path}&status=pending&sku=MUG&limit=1")).await), [placed[4]]);
    assert_eq!(numbers(&shop.admin.get(&format!("{path}&sku=CUP")).await), [0; 0]);
    // Whoever is no staff has their own.
    assert_eq!(numbers(&stranger.get(&path).await), [placed[2]]);
    let many = vec![stranger_id.to_string(); 21].join(",");
    assert_eq!(numbers(&shop.admin.get(&format!("/orders?customer_id={many}")).await), [placed[2]]);
    let many: Vec<String> = (0..21).map(|_| uuid::Uuid::new_v4().to_string()).collect();
    let refused = shop.admin.get(&format!("/orders?customer_id={}", many.join(","))).await;
    refused.assert_problem(400, "invalid_query");
    shop.admin.get("/orders?customer_id=nobody").await.assert_problem(400, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_with_a_sku_are_found_and_the_list_goes_on_behind_what_was_looked_through() {
    let shop = Shop::open().await;
    let mug = bought(&shop.customer, "MUG").await;
    let cup = bought(&shop.customer, "CUP").await;
    let later = bought(&shop.customer, "MUG").await;
    assert_eq!(numbers(&shop.admin.get("/orders?sku=MUG").await), [later, mug]);
    assert_eq!(numbers(&shop.admin.get("/orders?sku=CUP&status=pending,paid").await), [cup]);
    assert_eq!(numbers(&shop.admin.get("/orders?sku=CUP&status=paid").await), [0; 0]);
    // 30,000 lines that are newer than the mugs, in one order.
    sqlx::raw_sql(
        "INSERT INTO order_lines (order_id, position, product_id, variant_id, sku, name, quantity, unit_price)
         SELECT 'ffffffff-ffff-7fff-bfff-ffffffffffff', n, gen_random_uuid(), gen_random_uuid(), 'OTHER', 'Other', 1, 1
         FROM generate_series(1, 50000) AS n",
    )
    .execute(shop.database.pool())
    .await
    .unwrap();
    let nothing = shop.admin.get("/orders?sku=MUG").await;
    assert_eq!(numbers(&nothing), [0; 0]);
    let behind = shop.admin.get(&format!("/orders?sku=MUG&after={}", nothing.text_at("/next"))).await;
    assert_eq!((numbers(&behind), &behind.body["next"]), (vec![later, mug], &json!(null)));
    for wrong in ["", "%20", "a%20b", "%00"] {
        let refused = shop.admin.get(&format!("/orders?sku={wrong}")).await;
        refused.assert_problem(422, "invalid_fields");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_statuses_are_one_list() {
    let shop = Shop::open().await;
    let (first, gone, last) = (shop.order().await, shop.order().await, shop.order().await);
    shop.deliver(&paid(&first)).await;
    cancel(&shop.customer, gone.order_id).await.assert_status(200);
    let path = "/orders?status=paid,pending&limit=1";
    let page = shop.admin.get(path).await;
    assert_eq!(numbers(&page), [last.number]);
    let rest = shop.admin.get(&format!("{path}&after={}", page.text_at("/next"))).await;
    assert_eq!(numbers(&rest), [first.number]);
    assert_eq!(numbers(&shop.admin.get("/orders?status=paid,cancelled,paid").await), [gone.number, first.number]);
    assert_eq!(numbers(&shop.customer.get("/orders?status=paid,cancelled").await), [gone.number, first.number]);
    for wrong in ["paid,", ",", "paid,lost", "paid;pending"] {
        shop.admin.get(&format!("/orders?status={wrong}")).await.assert_problem(422, "invalid_fields");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_begins_and_ends_at_a_moment() {
    let shop = Shop::open().await;
    let number = shop.order().await.number;
    let told = |at: OffsetDateTime| at.format(&Rfc3339).unwrap();
    let now = shop.clock.now();
    let (before, after) = (told(now - Duration::HOUR), told(now + Duration::HOUR));
    for (query, found) in [
        (format!("from={before}"), true),
        (format!("from={after}"), false),
        (format!("to={after}"), true),
        (format!("to={before}"), false),
        (format!("from={before}&to={after}&status=pending"), true),
        (format!("from={after}&status=pending"), false),
        (format!("from={before}&to={after}&sku=MUG"), true),
        (format!("from={after}&sku=MUG"), false),
        (format!("to={before}&customer_id={}", shop.customer_id), false),
        (format!("from={before}&customer_id={}", shop.customer_id), true),
    ] {
        let expected = if found { vec![number] } else { Vec::new() };
        assert_eq!(numbers(&shop.admin.get(&format!("/orders?{query}")).await), expected, "{query}");
    }
    for wrong in ["yesterday", "2026-11-30", ""] {
        shop.admin.get(&format!("/orders?from={wrong}")).await.assert_problem(400, "invalid_query");
    }
}
