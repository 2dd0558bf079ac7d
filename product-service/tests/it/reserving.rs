//! Reservations: all or nothing, once per checkout, never more than there is.

use crate::support::{Checkout, Shop, sample};
use contracts::api::product::{Reservation, ReserveAnswer};
use product_service::{SeedProduct, seed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_kit::until;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_takes_stock_and_snapshots_names_and_prices() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 5)]).await;
    let checkout = Checkout::new();
    let answer = shop.reserve(checkout, &[("B", 1), ("A", 2)]).await;
    let reservation: Reservation = answer.expect(200);
    let line = |index: usize, sku: &str, quantity: i32| {
        let line = &reservation.lines[index];
        assert_eq!((line.sku.as_str(), line.quantity.get()), (sku, quantity));
        assert_eq!((line.name.as_str(), line.unit_price.amount), (format!("Thing {sku}").as_str(), 1000));
    };
    line(0, "A", 2);
    line(1, "B", 1);
    assert_eq!((reservation.checkout_id, reservation.order_id), (checkout.id, checkout.order_id));
    assert_eq!((shop.level("A").await, shop.level("B").await), ((5, 2), (5, 1)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_gets_the_first_order_id_and_the_first_prices() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let checkout = Checkout::new();
    let first = shop.reserve(checkout, &[("A", 2)]).await;
    // Meanwhile the price goes up, and the product leaves the shop.
    let product = shop.anybody().get("/products/by-sku/A").await;
    let path = format!("/products/{}", product.text_at("/id"));
    let price = json!({ "price": { "amount": 9999, "currency": "EUR" } });
    let changed = shop.staff().with_header("if-match", "\"1\"").send(reqwest::Method::PATCH, &path, Some(price)).await;
    changed.assert_status(200);
    shop.staff()
        .with_header("if-match", "\"2\"")
        .post(&format!("{path}/archive"), Value::Null)
        .await
        .assert_status(200);

    let other_order = Checkout { order_id: Checkout::new().order_id, ..checkout };
    let second = shop.reserve(other_order, &[("A", 1), ("A", 1)]).await;
    assert_eq!(first.expect::<Value>(200), second.expect::<Value>(200));
    assert_eq!(shop.level("A").await, (5, 2));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_checkout_with_other_lines_is_refused() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    for lines in [&[("A", 3)][..], &[("B", 2)], &[("A", 2), ("B", 1)]] {
        shop.reserve(checkout, lines).await.assert_problem(422, "checkout_reused");
    }
    assert_eq!((shop.level("A").await, shop.level("B").await), ((5, 2), (5, 0)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_one_line_is_short_nothing_is_taken_and_a_repeat_hears_the_same() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 1), ("C", 0)]).await;
    let checkout = Checkout::new();
    let lines = [("A", 2), ("B", 2), ("C", 1)];
    let refused = shop.reserve(checkout, &lines).await;
    refused.assert_problem(409, "out_of_stock");
    let short = json!([
        { "sku": "B", "requested": 2, "available": 1 },
        { "sku": "C", "requested": 1, "available": 0 },
    ]);
    assert_eq!(refused.body["short"], short);
    for sku in ["A", "B", "C"] {
        assert_eq!(shop.level(sku).await.1, 0, "{sku}");
    }
    // The answer is stored: new goods do not change what this checkout was told.
    shop.restock("B", 10).await;
    shop.restock("C", 10).await;
    let repeat = shop.reserve(checkout, &lines).await;
    assert_eq!(repeat.body, refused.body);
    shop.reserve(checkout, &[("A", 1)]).await.assert_problem(422, "checkout_reused");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lines_with_one_sku_are_summed_before_the_check() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 3)]).await;
    let refused = shop.reserve(Checkout::new(), &[("A", 2), ("A", 2)]).await;
    refused.assert_problem(409, "out_of_stock");
    assert_eq!(refused.body["short"], json!([{ "sku": "A", "requested": 4, "available": 3 }]));
    shop.held(&[("A", 2), ("A", 1)]).await;
    assert_eq!(shop.level("A").await, (3, 3));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sold_cannot_be_reserved() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("DRAFT", 5)]).await;
    sqlx::query("UPDATE products SET status = 'draft' WHERE name = 'Thing DRAFT'")
        .execute(shop.database.pool())
        .await
        .unwrap();
    let checkout = Checkout::new();
    let refused = shop.reserve(checkout, &[("A", 1), ("DRAFT", 1), ("NOPE", 1)]).await;
    refused.assert_problem(422, "sku_not_sold");
    assert_eq!(refused.body["skus"], json!(["DRAFT", "NOPE"]));
    let impossible = shop.reserve(Checkout::new(), &[("no sku\0", 1)]).await;
    impossible.assert_problem(422, "sku_not_sold");
    // Nothing was decided: the shopper leaves it out and goes on.
    shop.reserve(checkout, &[("A", 1)]).await.assert_status(200);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reservation_has_one_currency() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 5)]).await;
    sqlx::query("UPDATE prices SET currency = 'USD' FROM variants WHERE variants.id = variant_id AND sku = 'B'")
        .execute(shop.database.pool())
        .await
        .unwrap();
    let refused = shop.reserve(Checkout::new(), &[("A", 1), ("B", 1)]).await;
    refused.assert_problem(422, "mixed_currencies");
    assert_eq!(refused.body["currencies"], json!(["EUR", "USD"]));
    assert_eq!((shop.level("A").await, shop.level("B").await), ((5, 0), (5, 0)));
    shop.held(&[("B", 1)]).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_checked_before_anything_else() {
    let shop = Shop::open().await;
    shop.reserve(Checkout::new(), &[]).await.assert_problem(422, "invalid_fields");
    shop.reserve(Checkout::new(), &[("A", 0)]).await.assert_problem(422, "invalid_fields");
    shop.reserve(Checkout::new(), &[("A", 1000)]).await.assert_problem(422, "invalid_fields");
    shop.reserve(Checkout::new(), &[("A", 999), ("A", 1)]).await.assert_problem(422, "invalid_fields");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_buyers_of_ten_pieces_in_opposite_order_get_exactly_ten() {
    let shop = Shop::open().await;
    let skus: Vec<String> = (0..6).map(|number| format!("S{number}")).collect();
    let stock: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 10)).collect();
    shop.stock(&stock).await;
    let client = shop.order_service();
    let mut buyers = JoinSet::new();
    for buyer in 0..50 {
        let mut lines: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
        if buyer % 2 == 1 {
            lines.reverse();
        }
        let (client, request) = (client.clone(), Checkout::new().request(&lines));
        buyers.spawn(async move { client.post("/internal/reservations", request).await });
    }
    let answers = buyers.join_all().await;
    let held = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.body["code"] == "out_of_stock").count();
    assert_eq!((held, refused), (10, 40));
    for sku in &skus {
        assert_eq!(shop.level(sku).await, (10, 10), "{sku}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_that_come_in_while_a_buyer_waits_for_the_shelf_are_sold_to_them() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 10)]).await;
    shop.held(&[("A", 10)]).await;
    // Staff put five more on the shelf, and have not let go of it yet.
    let mut restocking = shop.database.pool().begin().await.unwrap();
    let restock = "WITH moved AS (INSERT INTO stock_movements (variant_id, kind, quantity, at)
                       SELECT variant_id, 'restocked', 5, now() FROM stock)
                   UPDATE stock SET on_hand = on_hand + 5";
    sqlx::query(restock).execute(&mut *restocking).await.unwrap();
    let (client, request) = (shop.order_service(), Checkout::new().request(&[("A", 3)]));
    let buyer = tokio::spawn(async move { client.post("/internal/reservations", request).await });
    until("the buyer to wait for the shelf", || async {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        (shop.database.count(waiting).await == 1).then_some(())
    })
    .await;
    restocking.commit().await.unwrap();
    let _: Reservation = buyer.await.unwrap().expect(200);
    assert_eq!(shop.level("A").await, (15, 13));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_identical_requests_at_once_make_one_reservation_and_get_one_answer() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 1), ("B", 1)]).await;
    let checkout = Checkout::new();
    let client = shop.order_service();
    let mut repeats = JoinSet::new();
    for _ in 0..64 {
        // Each try would make an order of its own.
        let own = Checkout { order_id: Checkout::new().order_id, ..checkout };
        let (client, request) = (client.clone(), own.request(&[("A", 1), ("B", 1)]));
        repeats.spawn(async move { client.post("/internal/reservations", request).await });
    }
    let answers = repeats.join_all().await;
    let different: BTreeSet<String> =
        answers.iter().map(|answer| format!("{} {}", answer.status, answer.text)).collect();
    assert_eq!(different.len(), 1, "{different:?}");
    let _: Reservation = answers[0].expect(200);
    assert_eq!(shop.database.count("SELECT count(*) FROM reservations").await, 1);
    assert_eq!((shop.level("A").await, shop.level("B").await), ((1, 1), (1, 1)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_and_cancellations_at_the_same_moment_never_block_each_other() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 1000), ("B", 1000)]).await;
    let client = shop.order_service();
    let mut tasks = JoinSet::new();
    for _ in 0..30 {
        let checkout = shop.held(&[("A", 1), ("B", 1)]).await;
        for _ in 0..3 {
            let (client, request) = (client.clone(), checkout.request(&[("B", 1), ("A", 1)]));
            tasks.spawn(async move { client.post("/internal/reservations", request).await.status.as_u16() });
        }
        let (bus, event) = (shop.bus.clone(), test_kit::event(1, checkout.cancelled()));
        tasks.spawn(async move {
            bus.deliver_to(contracts::ServiceName::Product, &event).await.unwrap();
            200
        });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|status| [200, 409].contains(status)), "{answers:?}");
    // A deadlock would show as an attempt.
    assert_eq!(shop.database.count("SELECT count(*) FROM inbox WHERE attempts > 0").await, 0);
    assert_eq!((shop.level("A").await, shop.level("B").await), ((1000, 0), (1000, 0)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_refuses_to_promise_a_piece_twice() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 2)]).await;
    for change in ["reserved = 3", "reserved = -1", "on_hand = -1"] {
        let statement = sqlx::AssertSqlSafe(format!("UPDATE stock SET {change}"));
        let refused = sqlx::query(statement).execute(shop.database.pool()).await.unwrap_err();
        let constraint = refused.as_database_error().and_then(|error| error.constraint().map(str::to_owned));
        assert_eq!(constraint.as_deref(), Some("stock_never_oversold"), "{change}");
    }
    shop.close().await;
}

/// Whoever reads JSON's numbers as floating point would be told another total than the one that is charged.
#[tokio::test(flavor = "multi_thread")]
async fn what_costs_more_than_can_be_told_exactly_is_refused_before_anything_is_held() {
    let shop = Shop::open().await;
    let skus: Vec<String> = (0..100).map(|number| format!("DEAR-{number}")).collect();
    let dear = skus.iter().map(|sku| SeedProduct { price: 90_000_000_000, ..sample(sku, 2000) });
    seed(&shop.running.kit, dear.collect()).await.unwrap();
    // From before such prices were refused.
    sqlx::query("UPDATE prices SET amount = 100000000000").execute(shop.database.pool()).await.unwrap();
    let lines = |count: usize| skus[..count].iter().map(|sku| (sku.as_str(), 999)).collect::<Vec<_>>();
    // 2⁵³ is 9,007,199,254,740,992; each line costs 99,900,000,000,000.
    for count in [91, 95, 100] {
        let checkout = Checkout::new();
        shop.reserve(checkout, &lines(count)).await.assert_problem(422, "amount_too_large");
        // A repeat hears the same.
        shop.reserve(checkout, &lines(count)).await.assert_problem(422, "amount_too_large");
    }
    assert_eq!(shop.database.count("SELECT sum(reserved)::bigint FROM stock").await, 0);
    assert_eq!(shop.database.count("SELECT count(*) FROM reservations").await, 0);
    shop.held(&lines(90)).await;
    shop.close().await;
}

/// What each of several was answered: `held`, or its code.
fn told(answer: &test_kit::Answer) -> Vec<String> {
    let answers: Vec<ReserveAnswer> = answer.expect(200);
    let told = answers.into_iter().map(|answer| match answer {
        ReserveAnswer::Held(_) => "held".to_owned(),
        ReserveAnswer::Refused(refusal) => refusal.code,
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_checkouts_in_one_call_are_decided_one_after_the_other() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 3), ("B", 1)]).await;
    let (first, again) = (Checkout::new(), Checkout::new());
    let asked = json!([
        first.request(&[("A", 2)]),
        // Refused for B, it takes nothing of A either.
        Checkout::new().request(&[("A", 1), ("B", 2)]),
        again.request(&[("A", 1), ("B", 1)]),
        again.request(&[("A", 1), ("B", 1)]),
        again.request(&[("A", 1)]),
        Checkout::new().request(&[("NOPE", 1)]),
        Checkout::new().request(&[("not a sku", 1)]),
        Checkout::new().request(&[("A", 1)]),
    ]);
    let answer = shop.order_service().post("/internal/reservations", asked).await;
    let expected =
        ["held", "out_of_stock", "held", "held", "checkout_reused", "sku_not_sold", "sku_not_sold", "out_of_stock"];
    assert_eq!(told(&answer), expected);
    let answers: Vec<Value> = answer.expect(200);
    assert_eq!(answers[1]["refused"]["short"], json!([{"sku": "B", "requested": 2, "available": 1}]));
    assert_eq!(answers[2], answers[3]);
    // Alone each hears the same.
    let alone: Reservation = shop.reserve(first, &[("A", 2)]).await.expect(200);
    assert_eq!(answers[0]["held"], json!(alone));
    assert_eq!((shop.level("A").await, shop.level("B").await), ((3, 3), (1, 1)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn none_and_more_than_64_in_one_call_are_refused_and_faults_are_told_where_they_are() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 100)]).await;
    let many = |count: usize| -> Value { (0..count).map(|_| Checkout::new().request(&[("A", 1)])).collect() };
    let client = shop.order_service();
    for count in [0, 65] {
        client.post("/internal/reservations", many(count)).await.assert_problem(422, "invalid_fields");
    }
    let mut wrong = many(2);
    wrong[1]["lines"][0]["quantity"] = json!(0);
    let refused = client.post("/internal/reservations", wrong).await;
    assert_eq!(refused.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/1/lines/0/quantity");
    assert_eq!(shop.level("A").await, (100, 0));
    assert_eq!(told(&client.post("/internal/reservations", many(64)).await), ["held"; 64]);
    assert_eq!(shop.level("A").await, (100, 64));
    shop.close().await;
}

/// How many share the first batch is up to the moment; after a second at the lock those of a batch are tried one by one.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_came_meanwhile_is_decided_together_and_nothing_is_oversold() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 20)]).await;
    let mut holder = shop.database.pool().begin().await.unwrap();
    sqlx::query("SELECT FROM stock FOR UPDATE").execute(&mut *holder).await.unwrap();
    let mut crowd = JoinSet::new();
    for _ in 0..40 {
        let (client, request) = (shop.order_service(), Checkout::new().request(&[("A", 1)]));
        crowd.spawn(async move { client.post("/internal/reservations", request).await.status.as_u16() });
    }
    until("the crowd to wait for the shelf", || async {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        (shop.database.count(waiting).await >= 2).then_some(())
    })
    .await;
    holder.rollback().await.unwrap();
    let answers = crowd.join_all().await;
    let sold = answers.iter().filter(|status| **status == 200).count();
    assert_eq!((sold, answers.iter().filter(|status| **status == 409).count()), (20, 20), "{answers:?}");
    assert_eq!(shop.level("A").await, (20, 20));
    shop.close().await;
}
