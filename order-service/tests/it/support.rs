//! One order-service with everything around it that a test needs.

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use contracts::{
    AccountId, CheckoutId, Currency, Money, OrderId, PaymentId, RawEvent, ServiceName,
    api::product::{Offer, Offers, OffersRequest, Reservation, ReserveRequest, ReservedLine},
    events::{EventData, order::Created, payment},
};
use order_service::{Config, MIGRATIONS, build};
use serde_json::{Value, json};
use service_kit::{
    Bus, Clock, Env,
    bus::{LocalBus, PublishError},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use test_kit::{Answer, Client, Recorder, Running, Signer, TestDatabase, event, settings, until};
use time::{Duration, OffsetDateTime};
use tokio::{net::TcpListener, sync::Notify};
use uuid::Uuid;

/// Reserves whatever is asked at 19.99 EUR a piece, or what `offer` said, remembering what it answered; `NONE-LEFT` is out
/// of stock.
#[derive(Clone, Default)]
pub struct FakeProducts {
    answers: Arc<Mutex<HashMap<CheckoutId, Reservation>>>,
    pub asked: Arc<Mutex<Vec<ReserveRequest>>>,
    /// The next request is answered when [`Self::go_on`] says so, and finds its reservation ended by then.
    pub next_comes_late: Arc<AtomicBool>,
    /// The next request is answered when [`Self::go_on`] says so.
    pub next_waits: Arc<AtomicBool>,
    pub go_on: Arc<Notify>,
    /// What is answered cannot be read, though it was reserved.
    pub answers_get_lost: Arc<AtomicBool>,
    /// Of some SKUs; of the others a hundred pieces are offered.
    offered: Arc<Mutex<HashMap<String, Offered>>>,
    promised: Arc<Mutex<HashMap<CheckoutId, OrderId>>>,
}

/// What a piece costs in cents, and how many there are; none for what is not sold.
type Offered = Option<(i64, i64)>;

impl FakeProducts {
    /// And where it is.
    async fn serve() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let products = Self::default();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/internal/reservations", post(reserve))
            .route("/internal/offers", post(offers))
            .with_state(products.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (products, url)
    }

    /// From now on a piece costs so many cents and so many are there; none for what is not sold.
    pub fn offer(&self, sku: &str, cents_and_available: Offered) {
        self.offered.lock().unwrap().insert(sku.to_owned(), cents_and_available);
    }

    fn offered(&self, sku: &str) -> Offered {
        self.offered.lock().unwrap().get(sku).copied().unwrap_or(Some((1999, 100)))
    }

    /// The order that a checkout's reservation will be for.
    pub fn promise(&self, checkout_id: CheckoutId) -> OrderId {
        *self.promised.lock().unwrap().entry(checkout_id).or_insert_with(|| Clock::system().new_id())
    }
}

async fn offers(State(fake): State<FakeProducts>, Json(request): Json<OffersRequest>) -> Json<Offers> {
    let offer = |sku: String| {
        let (amount, available) = fake.offered(&sku)?;
        let unit_price = Money::new(amount, Currency::EUR);
        let (product_id, name) = (Uuid::from_u128(1).into(), format!("The {sku}"));
        Some((sku, Offer { product_id, name, unit_price, available, picture: None }))
    };
    Json(Offers { offers: request.skus.into_iter().filter_map(offer).collect() })
}

async fn reserve(
    State(fake): State<FakeProducts>,
    Json(request): Json<ReserveRequest>,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    fake.asked.lock().unwrap().push(request.clone());
    if fake.next_waits.swap(false, Ordering::SeqCst) {
        fake.go_on.notified().await;
    }
    if fake.next_comes_late.swap(false, Ordering::SeqCst) {
        fake.go_on.notified().await;
        return Err((StatusCode::CONFLICT, Json(json!({"code": "reservation_ended", "detail": ""}))));
    }
    if request.lines.iter().any(|line| line.sku == "NONE-LEFT") {
        let short = json!([{"sku": "NONE-LEFT", "requested": 1, "available": 0}]);
        return Err((StatusCode::CONFLICT, Json(json!({"code": "out_of_stock", "detail": "", "short": short}))));
    }
    let price = |sku: &str| Money::new(fake.offered(sku).map_or(1999, |(cents, _)| cents), Currency::EUR);
    let changed = request.prices.iter().filter(|(sku, told)| price(sku) != **told);
    let changed: Vec<Value> = changed.map(|(sku, told)| json!({"sku": sku, "told": told, "now": price(sku)})).collect();
    if !changed.is_empty() {
        let problem = json!({"code": "price_changed", "detail": "", "changed": changed});
        return Err((StatusCode::CONFLICT, Json(problem)));
    }
    let lines = request.lines.iter().map(|line| ReservedLine {
        product_id: Uuid::from_u128(1).into(),
        variant_id: Uuid::from_u128(2).into(),
        sku: line.sku.clone(),
        name: format!("The {}", line.sku),
        quantity: line.quantity,
        unit_price: price(&line.sku),
    });
    let fresh = Reservation {
        checkout_id: request.checkout_id,
        order_id: fake.promised.lock().unwrap().get(&request.checkout_id).copied().unwrap_or(request.order_id),
        lines: lines.collect(),
        expires_at: OffsetDateTime::UNIX_EPOCH,
    };
    let mut answers = fake.answers.lock().unwrap();
    let answer = answers.entry(request.checkout_id).or_insert_with(|| fresh.clone()).clone();
    let lines = |reservation: &Reservation| -> Vec<_> {
        reservation.lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect()
    };
    if lines(&answer) != lines(&fresh) {
        return Err((StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"code": "checkout_reused", "detail": ""}))));
    }
    let lost = fake.answers_get_lost.load(Ordering::SeqCst);
    Ok(Json(if lost { Value::Null } else { json!(answer) }))
}

pub struct Shop {
    pub running: Running,
    pub database: TestDatabase,
    pub signer: Signer,
    pub recorder: Recorder,
    pub bus: LocalBus,
    pub clock: Clock,
    pub products: FakeProducts,
    pub customer_id: AccountId,
    pub customer: Client,
    pub admin: Client,
}

pub async fn database() -> TestDatabase {
    TestDatabase::new(ServiceName::Order, &MIGRATIONS).await
}

impl Shop {
    pub async fn open() -> Self {
        let database = database().await;
        let database_url = database.url().to_owned();
        Self::open_on(database, database_url).await
    }

    /// With variables of its own.
    pub async fn open_given(variables: &[(&str, &str)]) -> Self {
        let database = database().await;
        let database_url = database.url().to_owned();
        let (products, url) = FakeProducts::serve().await;
        Self::open_with(products, url, database, database_url, Env::of(variables.iter().copied())).await
    }

    /// The service reaches its database by `database_url`, the test directly.
    pub async fn open_on(database: TestDatabase, database_url: String) -> Self {
        let (products, url) = FakeProducts::serve().await;
        Self::open_with(products, url, database, database_url, Env::default()).await
    }

    pub async fn without_products() -> Self {
        let database = database().await;
        let database_url = database.url().to_owned();
        let nowhere = "http://127.0.0.1:9".to_owned();
        Self::open_with(FakeProducts::default(), nowhere, database, database_url, Env::default()).await
    }

    async fn open_with(
        products: FakeProducts,
        url: String,
        database: TestDatabase,
        database_url: String,
        env: Env,
    ) -> Self {
        let signer = Signer::trusted_by(&database).await;
        let bus = LocalBus::new();
        let recorder = Recorder::attach(&bus, ServiceName::Order);
        let clock = Clock::manual(Clock::system().now());
        let mut settings = settings(ServiceName::Order, &database, &[(ServiceName::Product, url)]);
        settings.database_url = database_url.into();
        let config = Config::read(settings, &env).unwrap();
        let service = build(config, Bus::Local(bus.clone()), clock.clone()).await.unwrap();
        let running = Running::start(service).await;
        let (customer_id, token) = signer.customer();
        let customer = running.client().with_token(token);
        let admin = running.client().with_token(signer.admin());
        Self { running, database, signer, recorder, bus, clock, products, customer_id, customer, admin }
    }

    /// Places an order of two mugs and gives its event.
    pub async fn order(&self) -> Created {
        let answer = place(&self.customer, &Uuid::new_v4().to_string(), body("MUG", 2)).await;
        let id: OrderId = answer.assert_status(201).text_at("/id").parse().unwrap();
        self.recorder.wait_for(|created: &Created| created.order_id == id).await.data
    }

    /// Nobody's yet.
    pub fn customer_id_of_a_guest(&self) -> AccountId {
        self.clock.new_id()
    }

    /// The checkout that the customer's request under `key` belongs to.
    pub fn checkout_of(&self, key: &str) -> CheckoutId {
        let text = [self.customer_id.uuid().as_bytes(), key.as_bytes()].concat();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text);
        let bytes = digest.as_ref()[..16].try_into().unwrap();
        uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
    }

    /// Waits until so many statements wait for a lock that somebody else holds.
    pub async fn waiting_for_locks(&self, count: i64) {
        let query = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until("statements to wait for a lock", || async { (self.database.count(query).await == count).then_some(()) })
            .await;
    }

    pub async fn deliver(&self, event: &RawEvent) {
        until("the service to take an event", || async {
            let answer = self.bus.deliver_to(ServiceName::Order, event).await;
            // It may have been started a moment ago.
            if matches!(answer, Err(PublishError::NotHere { .. })) {
                return None;
            }
            answer.unwrap();
            Some(())
        })
        .await;
    }

    /// product-service asks whether the reservation of the customer's request under `key` may expire, and hears yes.
    pub async fn expire(&self, key: &str) {
        let product = self.signer.service(ServiceName::Product, ServiceName::Order);
        let path = format!("/internal/checkouts/{}/expire", self.checkout_of(key));
        let answer = self.running.client().with_token(product).post(&path, json!({})).await;
        assert_eq!(answer.assert_status(200).body["expired"], true);
    }

    pub async fn status(&self, id: OrderId) -> String {
        self.admin.get(&format!("/orders/{id}")).await.assert_status(200).text_at("/status")
    }

    /// How many events of a type were ever announced about a subject.
    pub async fn announced<T: EventData>(&self, subject: Uuid) -> i64 {
        let query = "SELECT count(*) FROM event_log WHERE type = $1 AND subject = $2";
        let query = sqlx::query_scalar(query).bind(T::TYPE).bind(subject);
        query.fetch_one(self.database.pool()).await.unwrap()
    }

    pub fn advance(&self, minutes: i64) {
        self.clock.advance(Duration::minutes(minutes));
    }
}

pub async fn place(customer: &Client, key: &str, body: Value) -> Answer {
    customer.with_header("Idempotency-Key", key).post("/orders", body).await
}

pub async fn cancel(caller: &Client, id: OrderId) -> Answer {
    let caller = caller.with_header("Idempotency-Key", Uuid::new_v4().to_string());
    caller.post(&format!("/orders/{id}/cancel"), json!({})).await
}

pub fn body(sku: &str, quantity: i32) -> Value {
    json!({
        "lines": [{"sku": sku, "quantity": quantity}],
        "payment_method": "sim_ok",
        "shipping_address": {
            "name": "Ada Lovelace", "line1": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London",
            "country": "GB",
        },
    })
}

/// An order has one payment.
fn payment_of(order: &Created) -> PaymentId {
    order.order_id.uuid().into()
}

pub fn paid(order: &Created) -> RawEvent {
    let data = payment::Completed {
        payment_id: payment_of(order),
        order_id: order.order_id,
        customer_id: order.customer_id,
        amount: order.total,
        method: order.payment_method.clone(),
    };
    event(1, data)
}

pub fn declined(order: &Created) -> RawEvent {
    let data = payment::Failed {
        payment_id: payment_of(order),
        order_id: order.order_id,
        customer_id: order.customer_id,
        reason: payment::FailureReason::Declined,
    };
    event(1, data)
}

pub fn refunded(order: &Created) -> RawEvent {
    let data = payment::Refunded {
        payment_id: payment_of(order),
        refund_id: Uuid::new_v4().into(),
        order_id: order.order_id,
        customer_id: order.customer_id,
        amount: order.total,
    };
    event(2, data)
}
