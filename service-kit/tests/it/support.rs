//! The sample service with everything around it that a test needs.

use crate::sample::{self, Script};
use contracts::{
    Currency, Event, EventId, Money, OrderId, Quantity, RawEvent, ServiceName,
    events::{order, payment::Completed},
};
use serde_json::Value;
use service_kit::{
    Bus, Cause, Clock, Env, Kit, KitError, Settings, Tx,
    bus::{LocalBus, RabbitBus},
};
use sqlx::{
    Row, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};
use std::sync::{Arc, LazyLock};
use test_kit::{Running, TestDatabase, event, until};
use time::OffsetDateTime;
use uuid::Uuid;

/// The sample's own table. `sqlx.toml` names the kit's table of migrations; the sample needs the one services have.
pub static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("tests/it/migrations");
    migrations.dangerous_set_table_name("_sqlx_migrations");
    migrations
});

/// The sample's migrations with one more, of a version that comes later.
pub fn migrations_and(version: i64, sql: &'static str) -> Migrator {
    let more = Migration::new(version, "more".into(), MigrationType::Simple, sql.into_sql_str(), false);
    let mut migrations = Migrator::with_migrations(MIGRATIONS.iter().cloned().chain([more]).collect());
    migrations.dangerous_set_table_name("_sqlx_migrations");
    migrations
}

pub async fn database() -> TestDatabase {
    TestDatabase::new(ServiceName::Order, &MIGRATIONS).await
}

pub fn settings(database: &TestDatabase) -> Settings {
    test_kit::settings(ServiceName::Order, database, &[])
}

/// The kit alone: no relay, no consumer, nothing served.
pub async fn kit(database: &TestDatabase) -> Kit {
    kit_with(database, Clock::system()).await
}

pub async fn kit_with(database: &TestDatabase, clock: Clock) -> Kit {
    Kit::open(settings(database), &MIGRATIONS, Bus::Elsewhere, clock).await.unwrap()
}

/// How events travel in a test.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Local,
    Rabbit,
}

impl Way {
    pub const BOTH: [Self; 2] = [Self::Local, Self::Rabbit];

    pub fn bus(self, database: &TestDatabase) -> Bus {
        match self {
            Self::Local => Bus::Local(LocalBus::new()),
            Self::Rabbit => Bus::Rabbit(RabbitBus::new(amqp_url().into(), &namespace(database))),
        }
    }
}

pub fn amqp_url() -> String {
    let hint = "TEST_AMQP_URL is not set: run the tests with `cargo xtask test`, or give a RabbitMQ";
    Env::process().text("TEST_AMQP_URL").unwrap().expect(hint)
}

/// One per database, so that tests share a broker.
pub fn namespace(database: &TestDatabase) -> String {
    database.url().rsplit_once('/').unwrap().1.to_owned()
}

pub struct Sample {
    pub running: Running,
    pub database: TestDatabase,
    pub bus: Bus,
    pub script: Arc<Script>,
}

impl Sample {
    pub async fn start(way: Way) -> Self {
        Self::start_at(way, Clock::system()).await
    }

    pub async fn start_at(way: Way, clock: Clock) -> Self {
        let database = database().await;
        let bus = way.bus(&database);
        Self::start_on(database, bus, clock).await
    }

    pub async fn start_on(database: TestDatabase, bus: Bus, clock: Clock) -> Self {
        let settings = settings(&database);
        Self::start_with(settings, database, bus, clock).await
    }

    pub async fn start_with(settings: Settings, database: TestDatabase, bus: Bus, clock: Clock) -> Self {
        let script = Arc::new(Script::default());
        let service = sample::build(settings, bus.clone(), clock, Arc::clone(&script)).await;
        let running = Running::start(service).await;
        running.leaves_queued("these tests are about what is queued, and look at it themselves");
        Self { running, database, bus, script }
    }

    pub fn kit(&self) -> &Kit {
        &self.running.kit
    }

    /// Ends it; its database and bus stay for a successor.
    pub async fn stop(self) -> (TestDatabase, Bus) {
        self.running.stop().await;
        (self.database, self.bus)
    }

    /// Gives events to the sample as the bus would, until the bus has them all.
    pub async fn deliver(&self, events: &[RawEvent]) {
        deliver(&self.bus, events).await;
    }

    /// Waits until it consumes: one payment has come through.
    pub async fn warm_up(&self) {
        let first = payment("sim_ok");
        self.deliver(std::slice::from_ref(&first)).await;
        self.done(first.id).await;
    }

    /// Waits for the inbox row of an event in a state that `pick` accepts.
    pub async fn inbox(&self, id: EventId, pick: impl Fn(&InboxRow) -> bool) -> InboxRow {
        until("the event's row in the inbox", || async {
            inbox_row(&self.database, id.uuid()).await.filter(|row| pick(row))
        })
        .await
    }

    pub async fn done(&self, id: EventId) -> InboxRow {
        self.inbox(id, |row| row.status == "done").await
    }

    /// The sequences of a subject's effects, in the order they happened.
    pub async fn effects(&self, subject: Uuid) -> Vec<i64> {
        let query = "SELECT sequence FROM effects WHERE subject = $1 ORDER BY position";
        sqlx::query_scalar(query).bind(subject).fetch_all(self.database.pool()).await.unwrap()
    }
}

/// Publishes until every event is confirmed: a subscriber may still be on its way.
pub async fn deliver(bus: &Bus, events: &[RawEvent]) {
    until("the bus to take the events", || async {
        bus.publish(events).await.into_iter().all(|answer| answer.is_ok()).then_some(())
    })
    .await;
}

#[derive(Debug)]
pub struct InboxRow {
    pub status: String,
    pub attempts: i32,
    pub reason: Option<String>,
    pub next_at: Option<OffsetDateTime>,
    pub envelope: Option<Value>,
}

pub async fn inbox_row(database: &TestDatabase, id: Uuid) -> Option<InboxRow> {
    let query = "SELECT status, attempts, reason, next_at, envelope FROM inbox WHERE event_id = $1";
    let row = sqlx::query(query).bind(id).fetch_optional(database.pool()).await.unwrap()?;
    Some(InboxRow {
        status: row.get("status"),
        attempts: row.get("attempts"),
        reason: row.get("reason"),
        next_at: row.get("next_at"),
        envelope: row.get("envelope"),
    })
}

/// A `payment.completed` of a payment of its own.
pub fn payment(method: &str) -> RawEvent {
    payment_of(Uuid::new_v4(), 1, method)
}

pub fn payment_of(payment_id: Uuid, sequence: i64, method: &str) -> RawEvent {
    let data = Completed {
        payment_id: payment_id.into(),
        order_id: Uuid::new_v4().into(),
        customer_id: Uuid::new_v4().into(),
        amount: Money::new(1999, Currency::EUR),
        method: method.to_owned(),
    };
    event(sequence, data)
}

/// `order.created`: payment-service and notify-service subscribe to it.
pub fn created(order_id: OrderId) -> order::Created {
    order::Created {
        order_id,
        customer_id: Uuid::new_v4().into(),
        number: 1001,
        checkout_id: Uuid::new_v4().into(),
        lines: vec![order::Line {
            sku: "MUG".to_owned(),
            name: "A mug".to_owned(),
            quantity: Quantity::try_from(1).unwrap(),
            unit_price: Money::new(1999, Currency::EUR),
        }],
        total: Money::new(1999, Currency::EUR),
        payment_method: "sim_ok".to_owned(),
    }
}

/// `order.paid`: product-service and notify-service subscribe to it.
pub fn paid(order_id: OrderId) -> order::Paid {
    order::Paid {
        order_id,
        customer_id: Uuid::new_v4().into(),
        number: 1001,
        checkout_id: Uuid::new_v4().into(),
        total: Money::new(1999, Currency::EUR),
    }
}

pub fn order_id() -> OrderId {
    Uuid::new_v4().into()
}

/// Announces `order.paid` as its order's first change, in a transaction of its own.
pub async fn announce_paid(kit: &Kit, order_id: OrderId) -> EventId {
    let mut tx = kit.database.begin("a_test").await.unwrap();
    let id = announce_in(kit, &mut tx, order_id).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    id
}

pub async fn announce_in(kit: &Kit, tx: &mut Tx, order_id: OrderId) -> Result<EventId, KitError> {
    kit.announce(tx, &Cause::current(), 1, paid(order_id))
}

/// Waits until the outbox is empty.
pub async fn drained(database: &TestDatabase) {
    until("the outbox to drain", || async { (database.count("SELECT count(*) FROM outbox").await == 0).then_some(()) })
        .await;
}

/// Ids of the events a recorder heard.
pub fn ids<T>(events: &[Event<T>]) -> Vec<EventId> {
    events.iter().map(|event| event.id).collect()
}
