//! What the tests of slices share: all that handlers, reactions and jobs have, on a database of its own.

use crate::{
    at_hand::AtHand,
    provider::Provider,
    state::App,
    store::{MIGRATIONS, payments},
};
use contracts::{
    Currency, Event, Money, OrderId, ServiceName,
    events::order::{CancelReason, Cancelled, Created},
};
use service_kit::{Bus, Clock, Kit, bus::LocalBus};
use sqlx::Row;
use std::{sync::Arc, time::Duration};
use test_kit::{TestDatabase, event, settings};
use time::OffsetDateTime;

pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) clock: Clock,
    pub(crate) database: TestDatabase,
}

impl Desk {
    /// `provider` is where payments are charged; nobody listens there unless the test says so. The clock stands.
    pub(crate) async fn new(provider: Option<&str>) -> Self {
        let database = TestDatabase::new(ServiceName::Payment, &MIGRATIONS).await;
        let clock = Clock::manual(Clock::system().now());
        let settings = settings(ServiceName::Payment, &database, &[]);
        let kit = Kit::open(settings, &MIGRATIONS, Bus::Local(LocalBus::new()), clock.clone()).await.unwrap();
        let provider = provider.unwrap_or("http://127.0.0.1:9").parse().unwrap();
        let payments_due = Arc::default();
        let app = App {
            kit,
            provider: Provider::http(&provider, Duration::from_secs(5)).unwrap(),
            lease: time::Duration::MINUTE,
            give_up: time::Duration::HOUR,
            at_hand: AtHand::new(Arc::clone(&payments_due)),
            payments_due,
            refunds_due: Arc::default(),
        };
        Self { app, clock, database }
    }

    pub(crate) fn created(&self, method: &str) -> Event<Created> {
        let data = Created {
            order_id: self.clock.new_id(),
            customer_id: self.clock.new_id(),
            number: 1001,
            checkout_id: self.clock.new_id(),
            lines: Vec::new(),
            total: Money::new(1999, Currency::EUR),
            payment_method: method.to_owned(),
        };
        event(1, data).decode().unwrap()
    }

    pub(crate) fn cancelled(&self, created: &Event<Created>) -> Event<Cancelled> {
        let data = Cancelled {
            order_id: created.data.order_id,
            customer_id: created.data.customer_id,
            number: created.data.number,
            checkout_id: created.data.checkout_id,
            total: created.data.total,
            reason: CancelReason::Requested,
            was_paid: false,
        };
        event(2, data).decode().unwrap()
    }

    /// Payments that are due, each of an order of its own.
    pub(crate) async fn due(&self, methods: &[&str]) -> Vec<Event<Created>> {
        let orders: Vec<_> = methods.iter().map(|method| self.created(method)).collect();
        let mut tx = self.app.kit.database.begin("test").await.unwrap();
        crate::changes::create::create(&self.app, &mut tx, orders.clone()).await.unwrap();
        let _committed = tx.commit().await.unwrap();
        orders
    }

    /// The same, claimed, in their order.
    pub(crate) async fn claimed(&self, methods: &[&str]) -> Vec<payments::Stored> {
        let orders: Vec<OrderId> = self.due(methods).await.iter().map(|event| event.data.order_id).collect();
        let now = self.clock.now();
        let mut connection = self.app.kit.database.acquire().await.unwrap();
        let mut claimed =
            payments::claim(&mut connection, OffsetDateTime::UNIX_EPOCH, now, now + self.app.lease, 64).await.unwrap();
        claimed.sort_by_key(|stored| orders.iter().position(|id| *id == stored.payment.order_id));
        claimed
    }

    /// The order's payment: status and version.
    pub(crate) async fn payment(&self, order_id: OrderId) -> (String, i64) {
        let query = "SELECT status, version FROM payments WHERE order_id = $1";
        let row = sqlx::query(query).bind(order_id.uuid()).fetch_one(self.database.pool()).await.unwrap();
        (row.get("status"), row.get("version"))
    }

    pub(crate) async fn statuses(&self, payments: &[payments::Stored]) -> Vec<String> {
        let mut statuses = Vec::new();
        for stored in payments {
            statuses.push(self.payment(stored.payment.order_id).await.0);
        }
        statuses
    }

    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        self.database.count(query).await
    }
}
