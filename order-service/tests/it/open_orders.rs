//! What a customer may hold without having paid: so many orders and so many pieces, however they are asked for.

use crate::support::{Shop, body, cancel, paid, place};
use contracts::events::order::Created;
use serde_json::json;
use std::{collections::BTreeMap, sync::atomic::Ordering};
use test_kit::{Answer, Client, until};
use time::Duration;

/// How often each answer was given: its code, or `placed`.
async fn at_once(requests: impl Iterator<Item = (Client, String, serde_json::Value)>) -> BTreeMap<String, usize> {
    let requests =
        requests.map(|(customer, key, body)| tokio::spawn(async move { place(&customer, &key, body).await }));
    let mut answers = BTreeMap::new();
    for request in requests.collect::<Vec<_>>() {
        let answer = request.await.unwrap();
        *answers.entry(told(&answer)).or_default() += 1;
    }
    answers
}

fn told(answer: &Answer) -> String {
    if answer.status == 201 { "placed".to_owned() } else { answer.text_at("/code") }
}

fn counted(pairs: &[(&str, usize)]) -> BTreeMap<String, usize> {
    pairs.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_and_forty_orders_at_once_twenty_are_taken_and_nothing_is_reserved_for_the_rest() {
    let shop = Shop::open().await;
    let requests = (0..240).map(|number| (shop.customer.clone(), format!("k{number}"), body("MUG", 1)));
    let answers = at_once(requests).await;
    assert_eq!(answers, counted(&[("placed", 20), ("too_many_open_orders", 220)]));
    assert_eq!(shop.products.asked.lock().unwrap().len(), 20);
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 20);
    assert_eq!(shop.database.count("SELECT count(*) FROM checkout_intents").await, 0);
}

/// What the statement counts is what was committed while it waited, and not what there was when it began.
#[tokio::test(flavor = "multi_thread")]
async fn two_at_the_same_moment_are_counted_one_after_the_other() {
    let shop = Shop::open().await;
    let begin = || {
        sqlx::query_scalar::<_, bool>(
            "SELECT begun FROM begin_checkout($1, $2, 1, 1, 1000, now(), now() - '1 h'::interval)",
        )
        .bind(shop.customer_id.uuid())
        .bind(uuid::Uuid::new_v4())
    };
    let mut first = shop.database.pool().begin().await.unwrap();
    assert!(begin().fetch_one(&mut *first).await.unwrap());
    let (second, ()) = tokio::join!(begin().fetch_one(shop.database.pool()), async {
        shop.waiting_for_locks(1).await;
        first.commit().await.unwrap();
    });
    assert!(!second.unwrap(), "both were taken where there was room for one");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_customer_has_a_limit_of_their_own_and_paid_and_cancelled_orders_do_not_count() {
    let shop = Shop::open().await;
    let customers: Vec<_> = (0..4).map(|_| shop.customer.with_token(shop.signer.customer().1)).collect();
    for round in 0..2 {
        let requests = customers.iter().flat_map(|customer| {
            (0..30).map(move |number| (customer.clone(), format!("{round}-{number}"), body("MUG", 1)))
        });
        let answers = at_once(requests).await;
        assert_eq!(answers, counted(&[("placed", 80), ("too_many_open_orders", 40)]), "round {round}");
        let pending = until("all of them to be announced", || async {
            let pending = shop.recorder.all::<Created>();
            (pending.len() == (round + 1) * 80).then_some(pending)
        })
        .await;
        for (number, order) in pending.iter().map(|event| &event.data).enumerate().skip(round * 80) {
            if number % 2 == 0 {
                shop.deliver(&paid(order)).await;
            } else {
                cancel(&shop.admin, order.order_id).await.assert_status(200);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pieces_of_a_customers_unpaid_orders_are_bounded_too() {
    let shop = Shop::open().await;
    // 2,000 pieces in all: four orders of 499, whoever of them comes first.
    let requests = (0..12).map(|number| (shop.customer.clone(), format!("k{number}"), body("MUG", 499)));
    assert_eq!(at_once(requests).await, counted(&[("placed", 4), ("too_many_open_pieces", 8)]));
    place(&shop.customer, "five", body("MUG", 5)).await.assert_problem(429, "too_many_open_pieces");
    place(&shop.customer, "four", body("MUG", 4)).await.assert_status(201);
    place(&shop.customer, "one", body("MUG", 1)).await.assert_problem(429, "too_many_open_pieces");
    assert_eq!(shop.products.asked.lock().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_larger_than_any_customer_may_hold_is_refused_by_its_field() {
    let shop = Shop::open().await;
    let mut wish = body("MUG", 1);
    wish["lines"] = json!([
        {"sku": "MUG", "quantity": 999}, {"sku": "JUG", "quantity": 999}, {"sku": "JAR", "quantity": 3},
    ]);
    let answer = place(&shop.customer, "k1", wish.clone()).await;
    assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/lines");
    wish["lines"][2]["quantity"] = json!(2);
    place(&shop.customer, "k1", wish).await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_finds_its_own_intent_and_is_not_counted_twice() {
    let shop = Shop::open().await;
    for key in 0..19 {
        place(&shop.customer, &format!("k{key}"), body("MUG", 1)).await.assert_status(201);
    }
    // The first try has its intent, and never heard what product-service did.
    shop.products.answers_get_lost.store(true, Ordering::SeqCst);
    place(&shop.customer, "last", body("MUG", 1)).await.assert_problem(503, "dependency_unavailable");
    shop.products.answers_get_lost.store(false, Ordering::SeqCst);
    place(&shop.customer, "other", body("MUG", 1)).await.assert_problem(429, "too_many_open_orders");
    let again = (0..30).map(|_| (shop.customer.clone(), "last".to_owned(), body("MUG", 1)));
    assert_eq!(at_once(again).await, counted(&[("placed", 30)]));
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_or_never_asked_for_does_not_count() {
    let shop = Shop::open().await;
    for key in 0..25 {
        place(&shop.customer, &format!("short{key}"), body("NONE-LEFT", 1)).await.assert_problem(409, "out_of_stock");
    }
    assert_eq!(shop.database.count("SELECT count(*) FROM checkout_intents").await, 0);
    // Nobody is there: nothing was sent, so nothing can be held.
    let shop = Shop::without_products().await;
    for key in 0..25 {
        let answer = place(&shop.customer, &format!("away{key}"), body("MUG", 1)).await;
        answer.assert_problem(503, "dependency_unavailable");
    }
    assert_eq!(shop.database.count("SELECT count(*) FROM checkout_intents").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_that_may_be_held_unknown_to_us_counts_until_its_reservation_has_ended() {
    let shop = Shop::open().await;
    // Reserved, and the answers are lost.
    shop.products.answers_get_lost.store(true, Ordering::SeqCst);
    let lost = (0..20).map(|number| (shop.customer.clone(), format!("k{number}"), body("MUG", 1)));
    assert_eq!(at_once(lost).await, counted(&[("dependency_unavailable", 20)]));
    shop.products.answers_get_lost.store(false, Ordering::SeqCst);
    place(&shop.customer, "new", body("MUG", 1)).await.assert_problem(429, "too_many_open_orders");
    // The same key is no new wish: it gets what was reserved.
    place(&shop.customer, "k0", body("MUG", 1)).await.assert_status(201);
    place(&shop.customer, "new", body("MUG", 1)).await.assert_problem(429, "too_many_open_orders");
    // product-service lets one go, and no order will come of it any more: that is one less.
    shop.expire("k1").await;
    place(&shop.customer, "new", body("MUG", 1)).await.assert_status(201);
    place(&shop.customer, "newer", body("MUG", 1)).await.assert_problem(429, "too_many_open_orders");
    // All the rest end with their time: at 900 s, and not at 899.
    let earlier = "UPDATE checkout_intents SET begun_at = begun_at - interval '899 seconds'";
    sqlx::query(earlier).execute(shop.database.pool()).await.unwrap();
    place(&shop.customer, "newer", body("MUG", 1)).await.assert_problem(429, "too_many_open_orders");
    shop.clock.advance(Duration::seconds(2));
    place(&shop.customer, "newer", body("MUG", 1)).await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn intents_whose_time_is_over_are_forgotten_and_the_others_are_not() {
    let shop = Shop::open_given(&[("RESERVATION_TTL", "2")]).await;
    shop.products.answers_get_lost.store(true, Ordering::SeqCst);
    place(&shop.customer, "k1", body("MUG", 1)).await.assert_problem(503, "dependency_unavailable");
    shop.advance(1);
    place(&shop.customer, "k2", body("MUG", 1)).await.assert_problem(503, "dependency_unavailable");
    until("the first one to be forgotten", || async {
        (shop.database.count("SELECT count(*) FROM checkout_intents").await == 1).then_some(())
    })
    .await;
    let left: uuid::Uuid =
        sqlx::query_scalar("SELECT checkout_id FROM checkout_intents").fetch_one(shop.database.pool()).await.unwrap();
    assert_eq!(left, shop.checkout_of("k2").uuid());
}

/// The reservation that a key's first try made is another one's than that of its second try, which wants something else.
#[tokio::test(flavor = "multi_thread")]
async fn another_wish_under_the_same_key_does_not_make_the_first_one_uncounted() {
    let shop = Shop::open().await;
    shop.products.answers_get_lost.store(true, Ordering::SeqCst);
    place(&shop.customer, "k1", body("MUG", 900)).await.assert_problem(503, "dependency_unavailable");
    shop.products.answers_get_lost.store(false, Ordering::SeqCst);
    place(&shop.customer, "k1", body("MUG", 1)).await.assert_problem(422, "idempotency_key_reused");
    place(&shop.customer, "k2", body("MUG", 999)).await.assert_status(201);
    place(&shop.customer, "k3", body("MUG", 102)).await.assert_problem(429, "too_many_open_pieces");
    place(&shop.customer, "k3", body("MUG", 101)).await.assert_status(201);
}

/// Plans are made while the tables are empty, and kept. A count that reads the unpaid orders of everybody costs a crowd a
/// hundred times its own; so does one that reads all that the customer ever ordered.
#[tokio::test(flavor = "multi_thread")]
async fn a_customers_orders_are_counted_by_their_own_index_alone_whatever_the_tables_were_when_it_was_planned() {
    let shop = Shop::open().await;
    let mut early = shop.database.pool().acquire().await.unwrap();
    for _ in 0..8 {
        assert_eq!(count_open(&mut early, shop.customer_id).await, 0);
    }
    let backlog = "INSERT INTO orders (id, customer_id, checkout_id, status, payment_method, currency, total,
                       shipping_address, deadline, created_at, updated_at, version, paid_at)
                   SELECT gen_random_uuid(), CASE WHEN number <= 20000 THEN gen_random_uuid() ELSE $1 END,
                       gen_random_uuid(), CASE WHEN number <= 20005 THEN 'pending' ELSE 'paid' END, 'sim_ok', 'EUR', 1,
                       '{}', now(), now(), now(), 1, CASE WHEN number <= 20005 THEN NULL ELSE now() END
                   FROM generate_series(1, 22000) AS number";
    sqlx::query(backlog).bind(shop.customer_id.uuid()).execute(shop.database.pool()).await.unwrap();
    assert_eq!(count_open(&mut early, shop.customer_id).await, 5);
    sqlx::query("ANALYZE").execute(shop.database.pool()).await.unwrap();
    assert_eq!(count_open(&mut early, shop.customer_id).await, 5);
    let mut late = shop.database.pool().acquire().await.unwrap();
    for _ in 0..8 {
        assert_eq!(count_open(&mut late, shop.customer_id).await, 5);
    }
}

/// Asked for one wish of this customer and one of a stranger's; what was read besides the unpaid orders of the two fails.
async fn count_open(connection: &mut sqlx::PgConnection, customer: contracts::AccountId) -> i64 {
    let mut tx = sqlx::Connection::begin(connection).await.unwrap();
    let before = read(&mut tx).await;
    let begin = "SELECT open_orders FROM begin_checkouts(ARRAY [$1, gen_random_uuid()],
                     ARRAY [gen_random_uuid(), gen_random_uuid()], ARRAY [1, 1], 20, 2000, now(), now()) WHERE place = 1";
    let open = sqlx::query_scalar::<_, i64>(begin).bind(customer.uuid()).fetch_one(&mut *tx).await.unwrap();
    let after = read(&mut tx).await;
    let done: Vec<i64> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
    assert_eq!(done, [0, open, 0, 0, 0], "of the table, of orders_unpaid, of the other indexes");
    tx.rollback().await.unwrap();
    open
}

/// What this session has read of the orders and has not told the server's statistics yet: scans of the table, entries of
/// `orders_unpaid`, scans of the other indexes.
async fn read(connection: &mut sqlx::PgConnection) -> Vec<i64> {
    let read = "SELECT ARRAY [pg_stat_get_xact_numscans('orders'::regclass),
                    pg_stat_get_xact_tuples_returned('orders_unpaid'::regclass),
                    pg_stat_get_xact_numscans('orders_by_customer'::regclass),
                    pg_stat_get_xact_numscans('orders_by_status'::regclass),
                    pg_stat_get_xact_numscans('orders_overdue'::regclass)]";
    sqlx::query_scalar(read).fetch_one(connection).await.unwrap()
}
