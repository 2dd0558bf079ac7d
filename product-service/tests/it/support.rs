//! A running product-service with a database of its own, and what its tests ask of it.

use axum::{Json, Router, extract::Path, response::IntoResponse, routing::post};
use contracts::{
    AccountId, CheckoutId, Currency, Money, OrderId, ServiceName,
    api::{
        order::{CheckoutExpiry, OrderStatus},
        product::Reservation,
    },
    events::{
        EventData,
        order::{CancelReason, Cancelled, Fulfilled, Paid},
    },
};
use product_service::{Config, MIGRATIONS, SeedProduct, build, seed};
use serde_json::{Value, json};
use service_kit::{Bus, Clock, Env, Settings, bus::LocalBus};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use test_kit::{Answer, Client, Recorder, Running, Signer, TestDatabase, event, settings};
use tokio::net::TcpListener;
use uuid::Uuid;

pub(crate) struct Shop {
    pub(crate) database: TestDatabase,
    pub(crate) signer: Signer,
    pub(crate) running: Running,
    pub(crate) bus: LocalBus,
    pub(crate) recorder: Recorder,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(Duration::from_secs(900), Clock::system(), "http://127.0.0.1:9").await
    }

    pub(crate) async fn open_with(reservation_ttl: Duration, clock: Clock, order_service: &str) -> Self {
        Self::open_as(clock, order_service, |kit| Config { kit, reservation_ttl, pictures: None }).await
    }

    /// What is handed in lies in this bucket, as `PICTURES_URL` names it.
    pub(crate) async fn with_pictures_in(bucket: &str) -> Self {
        let config = |kit| Config::read(kit, &Env::of([("PICTURES_URL", bucket)])).unwrap();
        Self::open_as(Clock::system(), "http://127.0.0.1:9", config).await
    }

    async fn open_as(clock: Clock, order_service: &str, config: impl FnOnce(Settings) -> Config) -> Self {
        let database = TestDatabase::new(ServiceName::Product, &MIGRATIONS).await;
        let signer = Signer::trusted_by(&database).await;
        let kit = settings(ServiceName::Product, &database, &[(ServiceName::Order, order_service.to_owned())]);
        let bus = LocalBus::new();
        let recorder = Recorder::attach(&bus, ServiceName::Product);
        let service = build(config(kit), Bus::Local(bus.clone()), clock).await.unwrap();
        let running = Running::start(service).await;
        Self { database, signer, running, bus, recorder }
    }

    pub(crate) fn anybody(&self) -> Client {
        self.running.client()
    }

    pub(crate) fn staff(&self) -> Client {
        self.running.client().with_token(self.signer.admin())
    }

    pub(crate) fn order_service(&self) -> Client {
        self.running.client().with_token(self.signer.service(ServiceName::Order, ServiceName::Product))
    }

    /// Active products at 10.00 EUR with so many pieces each.
    pub(crate) async fn stock(&self, pieces: &[(&str, i64)]) {
        let products = pieces.iter().map(|&(sku, stock)| sample(sku, stock)).collect();
        seed(&self.running.kit, products).await.unwrap();
    }

    pub(crate) async fn reserve(&self, checkout: Checkout, lines: &[(&str, i64)]) -> Answer {
        self.order_service().post("/internal/reservations", checkout.request(lines)).await
    }

    pub(crate) async fn held(&self, lines: &[(&str, i64)]) -> Checkout {
        let checkout = Checkout::new();
        let _: Reservation = self.reserve(checkout, lines).await.expect(200);
        checkout
    }

    pub(crate) async fn product(&self, sku: &str) -> Value {
        self.staff().get(&format!("/products/by-sku/{sku}")).await.expect(200)
    }

    /// `/products/{id}` of a SKU.
    pub(crate) async fn path(&self, sku: &str) -> String {
        format!("/products/{}", self.product(sku).await["id"].as_str().unwrap())
    }

    pub(crate) async fn restock(&self, sku: &str, quantity: i64) {
        let path = format!("{}/stock-adjustments", self.path(sku).await);
        let body = json!({ "quantity": quantity, "reason": "restocked" });
        self.staff().post(&path, body).await.assert_status(201);
    }

    /// On hand and reserved.
    pub(crate) async fn level(&self, sku: &str) -> (i64, i64) {
        let query = "SELECT on_hand, reserved FROM stock JOIN variants ON variants.id = variant_id WHERE sku = $1";
        sqlx::query_as(query).bind(sku).fetch_one(self.database.pool()).await.unwrap()
    }

    pub(crate) async fn status(&self, checkout: Checkout) -> String {
        let query = "SELECT status FROM reservations WHERE checkout_id = $1";
        sqlx::query_scalar(query).bind(checkout.id.uuid()).fetch_one(self.database.pool()).await.unwrap()
    }

    /// Delivers an event as the bus would, and returns when it is stored.
    pub(crate) async fn deliver<T: EventData>(&self, data: T) {
        self.bus.deliver_to(ServiceName::Product, &event(1, data)).await.unwrap();
    }

    /// On hand is the sum of the movements; reserved that of the held and committed reservations.
    pub(crate) async fn assert_books_balance(&self) {
        let wrong = self
            .database
            .count(
                "SELECT count(*) FROM stock
                 WHERE on_hand <> (SELECT coalesce(sum(quantity), 0) FROM stock_movements AS movement
                                   WHERE movement.variant_id = stock.variant_id)
                    OR reserved <> (SELECT coalesce(sum(quantity), 0) FROM reservation_lines AS line
                                    JOIN reservations USING (checkout_id)
                                    WHERE line.variant_id = stock.variant_id AND status IN ('held', 'committed'))",
            )
            .await;
        assert_eq!(wrong, 0, "stock that its movements and reservations do not explain");
    }

    /// Every test's last line: nothing queued, nothing dead, books balanced.
    pub(crate) async fn close(self) {
        self.running.settled().await;
        self.assert_books_balance().await;
        self.running.stop().await;
    }
}

pub(crate) fn sample(sku: &str, stock: i64) -> SeedProduct {
    SeedProduct {
        sku: sku.to_owned(),
        name: format!("Thing {sku}"),
        description: "A thing for tests.".to_owned(),
        category: "things".to_owned(),
        category_name: "Things".to_owned(),
        price: 1000,
        stock,
        picture: r#"<svg xmlns="http://www.w3.org/2000/svg"/>"#.to_owned(),
    }
}

/// One checkout and the order it is to become.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checkout {
    pub(crate) id: CheckoutId,
    pub(crate) order_id: OrderId,
}

impl Checkout {
    pub(crate) fn new() -> Self {
        Self { id: Uuid::new_v4().into(), order_id: Uuid::new_v4().into() }
    }

    pub(crate) fn request(self, lines: &[(&str, i64)]) -> Value {
        let lines: Vec<Value> =
            lines.iter().map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity })).collect();
        json!({ "checkout_id": self.id, "order_id": self.order_id, "lines": lines })
    }

    pub(crate) fn paid(self) -> Paid {
        let (order_id, checkout_id) = (self.order_id, self.id);
        Paid { order_id, customer_id: customer(), number: 1001, checkout_id, total: Money::new(1000, Currency::EUR) }
    }

    pub(crate) fn cancelled(self) -> Cancelled {
        Cancelled {
            order_id: self.order_id,
            customer_id: customer(),
            number: 1001,
            checkout_id: self.id,
            total: Money::new(1000, Currency::EUR),
            reason: CancelReason::Requested,
            was_paid: false,
        }
    }

    pub(crate) fn fulfilled(self) -> Fulfilled {
        Fulfilled { order_id: self.order_id, customer_id: customer(), number: 1001, checkout_id: self.id }
    }
}

fn customer() -> AccountId {
    Uuid::nil().into()
}

/// Answers what order-service would: orders it was not told of were never stored.
#[derive(Clone, Default)]
pub(crate) struct FakeOrders {
    known: Arc<Mutex<HashMap<CheckoutId, OrderStatus>>>,
    failing: Arc<Mutex<Option<CheckoutId>>>,
    asked: Arc<Mutex<Vec<CheckoutId>>>,
}

impl FakeOrders {
    pub(crate) fn know(&self, checkout: Checkout, status: OrderStatus) {
        self.known.lock().unwrap().insert(checkout.id, status);
    }

    /// From now on it has no answer about this checkout.
    pub(crate) fn fail(&self, checkout: Checkout) {
        *self.failing.lock().unwrap() = Some(checkout.id);
    }

    pub(crate) fn times_asked(&self, checkout: Checkout) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| **asked == checkout.id).count()
    }

    /// Its URL.
    pub(crate) async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let orders = self.clone();
        let answer = move |Path(id): Path<Uuid>| {
            let id = CheckoutId::from(id);
            orders.asked.lock().unwrap().push(id);
            let status = orders.known.lock().unwrap().get(&id).copied();
            let failing = *orders.failing.lock().unwrap() == Some(id);
            async move {
                if failing {
                    return http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
                }
                let expired = status.is_none_or(|status| status == OrderStatus::Cancelled);
                Json(CheckoutExpiry { checkout_id: id, expired }).into_response()
            }
        };
        let router = Router::new().route("/internal/checkouts/{id}/expire", post(answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }
}
