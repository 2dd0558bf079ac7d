//! Slices longer than one, at the doors: who is refused writes nothing and the others stand, one key is one order, and
//! slices that meet wait for each other in the same order.

mod batches;

use super::{
    cancel_order::cancel, expire_checkout::let_go, fulfil_order::fulfil, place_order::place,
    place_order_body::PlaceOrderBody,
};
use crate::{
    app::MIGRATIONS,
    changes::{
        self,
        cancel::{Refunds, Request},
    },
    config::Config,
    domain::Wish,
    error::Error,
    state::App,
};
use axum::{Json, Router, http::StatusCode, routing::post};
use contracts::{
    AccountId, CheckoutId, Currency, Money, OrderId, PaymentId, ServiceName,
    api::product::{Reservation, Reserve, ReserveAnswer, ReserveRefusal, ReserveRequest, ReservedLine},
    events::payment::{Completed, Refunded},
};
use serde_json::json;
use service_kit::{
    Bus, Cause, Clock, Env, Fault, Kit, KitError,
    bus::LocalBus,
    idempotency::{IdempotencyKey, Keyed, StoredAnswer},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use test_kit::{TestDatabase, settings};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use uuid::Uuid;

/// Reserves what is asked at 19.99 EUR a piece, for an order whose id is that of its checkout; `NONE-LEFT` is out of stock.
/// Counts its calls.
async fn products(calls: Arc<AtomicUsize>) -> String {
    fn answer(asked: ReserveRequest) -> ReserveAnswer {
        if asked.lines.iter().any(|line| line.sku == "NONE-LEFT") {
            let members = [("short".to_owned(), json!([]))].into_iter().collect();
            let (code, detail) = ("out_of_stock".to_owned(), String::new());
            return ReserveAnswer::Refused(ReserveRefusal { status: 409, code, detail, members });
        }
        let lines = asked.lines.into_iter().map(|line| ReservedLine {
            product_id: Uuid::from_u128(1).into(),
            variant_id: Uuid::from_u128(2).into(),
            name: format!("The {}", line.sku),
            sku: line.sku,
            quantity: line.quantity,
            unit_price: Money::new(1999, Currency::EUR),
        });
        ReserveAnswer::Held(Reservation {
            checkout_id: asked.checkout_id,
            order_id: asked.checkout_id.uuid().into(),
            lines: lines.collect(),
            expires_at: OffsetDateTime::UNIX_EPOCH,
        })
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let reserve = move |Json(asked): Json<Reserve>| {
        calls.fetch_add(1, Ordering::SeqCst);
        let (status, body) = match asked {
            Reserve::Many(many) => (200, json!(many.into_iter().map(answer).collect::<Vec<_>>())),
            Reserve::One(asked) => match answer(asked) {
                ReserveAnswer::Held(held) => (200, json!(held)),
                ReserveAnswer::Refused(refused) => (refused.status, json!(refused)),
            },
        };
        async move { (StatusCode::from_u16(status).unwrap(), Json(body)) }
    };
    let router = Router::new().route("/internal/reservations", post(reserve));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

struct Shop {
    app: App,
    database: TestDatabase,
    customer: AccountId,
    /// To product-service.
    calls: Arc<AtomicUsize>,
}

impl Shop {
    async fn open(variables: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new(ServiceName::Order, &MIGRATIONS).await;
        let calls = Arc::<AtomicUsize>::default();
        let url = products(Arc::clone(&calls)).await;
        let settings = settings(ServiceName::Order, &database, &[(ServiceName::Product, url)]);
        let config = Config::read(settings, &Env::of(variables.iter().copied())).unwrap();
        let clock = Clock::manual(Clock::system().now());
        let kit = Kit::open(config.kit.clone(), &MIGRATIONS, Bus::Local(LocalBus::new()), clock).await.unwrap();
        Self { app: App::new(kit, &config), database, customer: Uuid::from_u128(7).into(), calls }
    }

    fn wish(&self, key: &str, sku: &str) -> Wish {
        let body: PlaceOrderBody = serde_json::from_value(json!({
            "lines": [{"sku": sku, "quantity": 2}], "payment_method": "sim_ok",
            "shipping_address": {"name": "Ada", "line1": "1 Road", "postal_code": "1", "city": "Town", "country": "de"},
        }))
        .unwrap();
        let keyed = Keyed::new(self.customer, "place_order", IdempotencyKey::parse(key).unwrap(), &body).unwrap();
        Wish::new(self.customer, keyed, body.parse(2000).unwrap())
    }

    /// Places orders by one slice.
    async fn orders<const N: usize>(&self, keys: [&str; N]) -> [OrderId; N] {
        let wishes = keys.map(|key| self.wish(key, "MUG"));
        let ids = wishes.each_ref().map(|wish| wish.intent.checkout_id.uuid().into());
        let answers = place(&self.app, wishes.into()).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        ids
    }

    async fn count(&self, query: &'static str) -> i64 {
        self.database.count(query).await
    }

    /// How many orders, lines, histories and events there are.
    async fn stored(&self) -> [i64; 4] {
        [
            self.count("SELECT count(*) FROM orders").await,
            self.count("SELECT count(*) FROM order_lines").await,
            self.count("SELECT count(*) FROM order_history").await,
            self.count("SELECT count(*) FROM event_log").await,
        ]
    }

    async fn status(&self, status: &str) -> i64 {
        let query = sqlx::query_scalar("SELECT count(*) FROM orders WHERE status = $1").bind(status);
        query.fetch_one(self.database.pool()).await.unwrap()
    }

    fn paid(&self, order: OrderId) -> (Cause, Completed) {
        let payment = Completed {
            payment_id: PaymentId::from(order.uuid()),
            order_id: order,
            customer_id: self.customer,
            amount: Money::new(3998, Currency::EUR),
            method: "sim_ok".to_owned(),
        };
        (Cause::current(), payment)
    }

    async fn pay(&self, told: Vec<(Cause, Completed)>) -> Result<(), Error> {
        let mut tx = self.app.kit.database.begin("pay").await?;
        changes::pay::pay(&self.app, &mut tx, told).await?;
        let _committed = tx.commit().await?;
        Ok(())
    }

    fn cancellation(&self, key: &str, order: OrderId) -> (Keyed, Request) {
        let key = IdempotencyKey::parse(key).unwrap();
        (
            Keyed::new(self.customer, "cancel_order", key, &order).unwrap(),
            Request::new(order, Some(self.customer), Refunds::Any, Cause::current()),
        )
    }
}

fn codes(answers: &[Result<StoredAnswer, Error>]) -> Vec<&'static str> {
    answers.iter().map(|answer| answer.as_ref().map_or_else(Fault::code, |_| "done")).collect()
}

#[tokio::test]
async fn who_is_refused_in_a_slice_writes_nothing_and_the_others_stand() {
    let shop = Shop::open(&[]).await;
    // Nobody may order under the third key any more.
    let over = shop.wish("over", "MUG");
    let expired = let_go(&shop.app, vec![over.intent.checkout_id]).await;
    assert!(expired[0].as_ref().unwrap().expired);
    let wishes = vec![shop.wish("k1", "MUG"), shop.wish("short", "NONE-LEFT"), over, shop.wish("k2", "JUG")];
    let answers = place(&shop.app, wishes).await;
    assert_eq!(codes(&answers), ["done", "out_of_stock", "checkout_ended", "done"]);
    assert_eq!(shop.stored().await, [2, 2, 2, 2]);
    assert_eq!(shop.count("SELECT count(*) FROM checkout_intents").await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM idempotency_keys").await, 2);
}

/// Between the look and the claim somebody else decided: the claim itself refuses.
#[tokio::test]
async fn a_checkout_that_was_taken_meanwhile_is_refused_in_the_transaction_of_the_others() {
    let shop = Shop::open(&[]).await;
    let held: Vec<changes::place::Held> = ["k1", "taken", "k2"]
        .map(|key| {
            let Wish { intent, new, cause, .. } = shop.wish(key, "MUG");
            let lines = new.lines.iter().map(|line| ReservedLine {
                product_id: Uuid::from_u128(1).into(),
                variant_id: Uuid::from_u128(2).into(),
                sku: line.sku.clone(),
                name: "A mug".to_owned(),
                quantity: line.quantity,
                unit_price: Money::new(1999, Currency::EUR),
            });
            let reservation = Reservation {
                checkout_id: intent.checkout_id,
                order_id: intent.checkout_id.uuid().into(),
                lines: lines.collect(),
                expires_at: OffsetDateTime::UNIX_EPOCH,
            };
            changes::place::Held { intent, new, reservation, cause }
        })
        .into();
    let taken: CheckoutId = held[1].intent.checkout_id;
    let _expired = let_go(&shop.app, vec![taken]).await;
    let mut tx = shop.app.kit.database.begin("place_order").await.unwrap();
    let placed = changes::place::place(&shop.app, &mut tx, held).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    let numbers: Vec<Option<i64>> = placed.iter().map(|order| order.as_ref().ok().map(|order| order.number)).collect();
    assert_eq!(numbers, [Some(1001), None, Some(1002)]);
    assert!(matches!(placed[1], Err(Error::CheckoutEnded)));
    assert_eq!(shop.stored().await, [2, 2, 2, 2]);
}

#[tokio::test]
async fn a_key_that_comes_twice_in_a_slice_is_one_order_and_two_answers() {
    let shop = Shop::open(&[]).await;
    let wishes = vec![shop.wish("k1", "MUG"), shop.wish("k2", "MUG"), shop.wish("k1", "MUG"), shop.wish("k2", "JUG")];
    let answers = place(&shop.app, wishes).await;
    assert_eq!(codes(&answers), ["done", "done", "done", "idempotency_key_reused"]);
    assert_eq!(answers[0].as_ref().unwrap(), answers[2].as_ref().unwrap());
    assert_eq!(shop.stored().await, [2, 2, 2, 2]);
    // And once more, by another slice.
    let again = place(&shop.app, vec![shop.wish("k2", "MUG"), shop.wish("k1", "MUG")]).await;
    assert_eq!(again[1].as_ref().unwrap(), answers[0].as_ref().unwrap());
    assert_eq!(shop.stored().await, [2, 2, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn slices_that_meet_place_every_order_once() {
    let shop = Shop::open(&[("OPEN_ORDERS_PER_CUSTOMER", "1000")]).await;
    for round in 0..20 {
        let keys: Vec<String> = (0..4).map(|key| format!("{round}-{key}")).collect();
        let forth: Vec<Wish> = keys.iter().map(|key| shop.wish(key, "MUG")).collect();
        let back: Vec<Wish> = forth.iter().rev().cloned().collect();
        let (forth, back) = tokio::join!(place(&shop.app, forth), place(&shop.app, back));
        for (one, other) in forth.iter().zip(back.iter().rev()) {
            assert_eq!(one.as_ref().unwrap(), other.as_ref().unwrap());
        }
        assert_eq!(shop.count("SELECT count(*) FROM orders").await, 4 * (round + 1));
    }
    assert_eq!(shop.stored().await, [80; 4]);
}

#[tokio::test]
async fn the_wishes_of_a_slice_are_counted_one_after_the_other() {
    let shop = Shop::open(&[("OPEN_ORDERS_PER_CUSTOMER", "2")]).await;
    let answers = place(&shop.app, ["k1", "k2", "k3"].map(|key| shop.wish(key, "MUG")).into()).await;
    let mut codes = codes(&answers);
    codes.sort_unstable();
    assert_eq!(codes, ["done", "done", "too_many_open_orders"]);
    assert_eq!(shop.stored().await, [2; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancellations_that_meet_cancel_every_order_once() {
    let shop = Shop::open(&[]).await;
    for round in 0..5 {
        let keys = [0, 1, 2].map(|key| format!("{round}-{key}"));
        let ids = shop.orders(keys.each_ref().map(String::as_str)).await;
        let forth = ids.map(|id| shop.cancellation(&format!("forth-{id}"), id));
        let mut back = ids.map(|id| shop.cancellation(&format!("back-{id}"), id));
        back.reverse();
        let (forth, back) = tokio::join!(cancel(&shop.app, forth.into()), cancel(&shop.app, back.into()));
        assert_eq!(codes(&forth), ["done"; 3]);
        assert_eq!(codes(&back), ["done"; 3]);
        assert_eq!(shop.status("cancelled").await, 3 * (round + 1));
    }
    assert_eq!(shop.count("SELECT count(*) FROM event_log WHERE type = 'order.cancelled'").await, 15);
}

#[tokio::test]
async fn one_of_a_slice_that_cannot_be_cancelled_or_is_not_theirs_holds_up_nobody() {
    let shop = Shop::open(&[]).await;
    let [fulfilled, other, twice] = shop.orders(["k1", "k2", "k3"]).await;
    shop.pay(vec![shop.paid(fulfilled)]).await.unwrap();
    assert!(fulfil(&shop.app, vec![(Cause::current(), fulfilled)]).await[0].is_ok());
    let mut requests: Vec<_> = [fulfilled, other, twice, twice]
        .iter()
        .zip(1..)
        .map(|(id, key)| shop.cancellation(&format!("c{key}"), *id))
        .collect();
    let stranger = Request::new(other, Some(Uuid::from_u128(8).into()), Refunds::Any, Cause::current());
    requests.push((shop.cancellation("c5", other).0, stranger));
    let answers = cancel(&shop.app, requests).await;
    assert_eq!(codes(&answers), ["wrong_order_status", "done", "done", "done", "order_not_found"]);
    assert_eq!((shop.status("cancelled").await, shop.status("fulfilled").await), (2, 1));
    assert_eq!(shop.count("SELECT count(*) FROM event_log WHERE type = 'order.cancelled'").await, 2);
}

#[tokio::test]
async fn one_of_a_slice_that_is_not_paid_is_not_fulfilled_and_the_others_are() {
    let shop = Shop::open(&[]).await;
    let [first, unpaid, second] = shop.orders(["k1", "k2", "k3"]).await;
    shop.pay(vec![shop.paid(second), shop.paid(first)]).await.unwrap();
    let asked = [first, unpaid, Uuid::from_u128(9).into(), second].map(|id| (Cause::current(), id));
    let codes: Vec<&str> = fulfil(&shop.app, asked.into())
        .await
        .iter()
        .map(|order| order.as_ref().map_or_else(Fault::code, |_| "done"))
        .collect();
    assert_eq!(codes, ["done", "wrong_order_status", "order_not_found", "done"]);
    assert_eq!((shop.status("fulfilled").await, shop.status("pending").await), (2, 1));
}

#[tokio::test]
async fn what_a_slice_tells_twice_of_one_order_is_decided_on_what_the_first_left() {
    let shop = Shop::open(&[]).await;
    let [one, other] = shop.orders(["k1", "k2"]).await;
    shop.pay(vec![shop.paid(one), shop.paid(other), shop.paid(one)]).await.unwrap();
    assert_eq!(shop.status("paid").await, 2);
    assert_eq!(shop.count("SELECT count(*) FROM event_log WHERE type = 'order.paid'").await, 2);
    assert_eq!(shop.count("SELECT count(*) FROM order_history WHERE what = 'paid already'").await, 1);
    let refund = |id: u128, amount| {
        let refund = Refunded {
            payment_id: PaymentId::from(one.uuid()),
            refund_id: Uuid::from_u128(id).into(),
            order_id: one,
            customer_id: shop.customer,
            amount: Money::new(amount, Currency::EUR),
        };
        (Cause::current(), refund)
    };
    let mut tx = shop.app.kit.database.begin("refund").await.unwrap();
    let told = vec![refund(1, 1000), refund(2, 500), refund(1, 1000)];
    changes::refund::note(&shop.app, &mut tx, told).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    assert_eq!(shop.count("SELECT sum(refunded)::bigint FROM orders").await, 1500);
    assert_eq!(shop.count("SELECT count(*) FROM order_refunds").await, 2);
    assert_eq!(shop.count("SELECT max(version) FROM orders").await, 4);
}

/// The dispatcher tries each alone then.
#[tokio::test]
async fn an_event_that_contradicts_fails_its_slice_and_changes_nothing() {
    let shop = Shop::open(&[]).await;
    let [one, other] = shop.orders(["k1", "k2"]).await;
    let (cause, mut wrong) = shop.paid(other);
    wrong.amount = Money::new(1, Currency::EUR);
    let refused = shop.pay(vec![shop.paid(one), (cause, wrong)]).await.unwrap_err();
    assert!(matches!(refused, Error::Kit(KitError::Contradiction { .. })), "{refused}");
    assert_eq!(shop.status("pending").await, 2);
    assert_eq!(shop.stored().await, [2; 4]);
}
