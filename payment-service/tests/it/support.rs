//! payment-service, the provider it talks to, and the order-service it hears from.

use contracts::{
    AccountId, CheckoutId, Currency, Money, OrderId, RawEvent, ServiceName,
    events::order::{CancelReason, Cancelled, Created},
};
use payment_service::{Config, MIGRATIONS, build};
use provider_sim::{ChargeStatus, Entry};
use serde_json::Value;
use service_kit::{
    Bus, Clock,
    bus::LocalBus,
    http_server::{Connections, Limits},
};
use sqlx::Row;
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};
use tempfile::TempDir;
use test_kit::{Recorder, Running, Signer, TestDatabase, event, settings, until};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// The simulator on a port that stays the same over its restarts.
pub(crate) struct Provider {
    address: SocketAddr,
    folder: TempDir,
    running: Option<(CancellationToken, JoinHandle<anyhow::Result<()>>)>,
}

impl Provider {
    /// A port is chosen; nobody listens yet.
    pub(crate) async fn away() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, folder) = (listener.local_addr().unwrap(), tempfile::tempdir().unwrap());
        Self { address, folder, running: None }
    }

    pub(crate) async fn up() -> Self {
        let mut provider = Self::away().await;
        provider.start().await;
        provider
    }

    pub(crate) async fn start(&mut self) {
        let address = self.address;
        let listener = until("the provider's port", || async { TcpListener::bind(address).await.ok() }).await;
        let (stop, data) = (CancellationToken::new(), self.folder.path().to_owned());
        let token = stop.clone();
        let task = tokio::spawn(async move {
            provider_sim::run(listener, &data, Connections::new(Limits::default()), token).await
        });
        self.running = Some((stop, task));
    }

    pub(crate) async fn stop(&mut self) {
        let (stop, task) = self.running.take().unwrap();
        stop.cancel();
        task.await.unwrap().unwrap();
    }

    /// What happened at `other` happened here.
    pub(crate) fn take_log_of(&self, other: &Self) {
        let log = |provider: &Self| provider.folder.path().join(provider_sim::LOG_FILE);
        std::fs::copy(log(other), log(self)).unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn log(&self) -> Vec<Entry> {
        let answer = reqwest::get(format!("{}/log", self.url())).await.unwrap();
        let body: Value = answer.json().await.unwrap();
        serde_json::from_value(body["items"].clone()).unwrap()
    }

    /// How often the order was charged, and what was given back of it.
    pub(crate) async fn charges_and_refunds(&self, order: &Order) -> (usize, i64) {
        let (mut charges, mut refunded) = (Vec::new(), 0);
        for entry in self.log().await {
            match entry {
                Entry::Charge(charge)
                    if charge.reference == order.id.to_string() && charge.status == ChargeStatus::Captured =>
                {
                    charges.push(charge.id);
                }
                Entry::Refund(refund) if charges.contains(&refund.charge_id) => refunded += refund.amount,
                _ => {}
            }
        }
        (charges.len(), refunded)
    }
}

/// What differs from test to test.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) provider_deadline: Duration,
    pub(crate) give_up: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { provider_deadline: Duration::from_secs(5), give_up: Duration::from_secs(480) }
    }
}

pub(crate) struct Desk {
    pub(crate) database: TestDatabase,
    pub(crate) signer: Signer,
    pub(crate) bus: LocalBus,
    pub(crate) recorder: Recorder,
    pub(crate) provider: Provider,
    pub(crate) running: Running,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::with(Provider::up().await, Patience::default()).await
    }

    pub(crate) async fn with(provider: Provider, patience: Patience) -> Self {
        let database = TestDatabase::new(ServiceName::Payment, &MIGRATIONS).await;
        let signer = Signer::trusted_by(&database).await;
        let bus = LocalBus::new();
        let recorder = Recorder::attach(&bus, ServiceName::Payment);
        let running = Self::run(&database, &bus, &provider, patience).await;
        Self { database, signer, bus, recorder, provider, running }
    }

    async fn run(database: &TestDatabase, bus: &LocalBus, provider: &Provider, patience: Patience) -> Running {
        let config = config(database, provider, patience);
        Running::start(build(config, Bus::Local(bus.clone()), Clock::system()).await.unwrap()).await
    }

    /// Ends payment-service and starts it again on the same database.
    pub(crate) async fn restart(self, patience: Patience) -> Self {
        let Self { database, signer, bus, recorder, provider, running } = self;
        running.stop().await;
        let running = Self::run(&database, &bus, &provider, patience).await;
        Self { database, signer, bus, recorder, provider, running }
    }

    pub(crate) async fn deliver(&self, event: &RawEvent) {
        until("payment-service to take an event", || async {
            self.bus.deliver_to(ServiceName::Payment, event).await.ok()
        })
        .await;
    }

    /// Status, captured and refunded of an order's payment.
    pub(crate) async fn payment(&self, order: &Order) -> Option<(String, i64, i64)> {
        let query = "SELECT status, captured, refunded FROM payments WHERE order_id = $1";
        let row = sqlx::query(query).bind(order.id.uuid()).fetch_optional(self.database.pool()).await.unwrap()?;
        Some((row.get("status"), row.get("captured"), row.get("refunded")))
    }

    /// Waits until the order's payment is in a state.
    pub(crate) async fn wait_for(&self, order: &Order, status: &str, captured: i64, refunded: i64) {
        let expected = Some((status.to_owned(), captured, refunded));
        until(&format!("{expected:?}"), || async { (self.payment(order).await == expected).then_some(()) }).await;
    }

    /// Waits until nothing is left to do, then holds the provider's log, the payments and the books against each other.
    pub(crate) async fn settled(&self) {
        // An event whose reaction failed comes again, and may be what leaves something to do.
        self.running.settled().await;
        until("all payments and refunds to settle", || async {
            let open = "SELECT (SELECT count(*) FROM payments WHERE next_at IS NOT NULL)
                             + (SELECT count(*) FROM refunds WHERE next_at IS NOT NULL)";
            (self.database.count(open).await == 0).then_some(())
        })
        .await;
        self.running.settled().await;
        self.reconcile().await;
    }

    async fn reconcile(&self) {
        let mut at_provider: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let mut orders = BTreeMap::new();
        for entry in self.provider.log().await {
            match entry {
                Entry::Charge(charge) if charge.status == ChargeStatus::Captured => {
                    orders.insert(charge.id, charge.reference.clone());
                    let twice = at_provider.insert(charge.reference, (charge.amount, 0));
                    assert_eq!(twice, None, "an order was charged twice");
                }
                Entry::Refund(refund) => at_provider.get_mut(&orders[&refund.charge_id]).unwrap().1 += refund.amount,
                Entry::Charge(_) | Entry::Abandoned(_) => {}
            }
        }
        let query = "SELECT order_id, captured, refunded, (
                         SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries JOIN ledger_transactions
                             ON id = transaction_id
                         WHERE ledger_transactions.order_id = payments.order_id AND account = 'provider_clearing'
                     ) AS booked FROM payments WHERE status = 'captured'";
        let mut ours = BTreeMap::new();
        for row in sqlx::query(query).fetch_all(self.database.pool()).await.unwrap() {
            let (captured, refunded): (i64, i64) = (row.get("captured"), row.get("refunded"));
            assert_eq!(row.get::<i64, _>("booked"), captured - refunded, "the books say something else");
            ours.insert(row.get::<uuid::Uuid, _>("order_id").to_string(), (captured, refunded));
        }
        assert_eq!(ours, at_provider, "payments and the provider's log differ");
        let unbalanced = "SELECT count(*) FROM (SELECT FROM ledger_entries GROUP BY transaction_id, currency
                              HAVING sum(amount) <> 0) AS wrong";
        assert_eq!(self.database.count(unbalanced).await, 0);
    }
}

pub(crate) fn config(database: &TestDatabase, provider: &Provider, patience: Patience) -> Config {
    Config {
        kit: settings(ServiceName::Payment, database, &[]),
        provider_url: provider.url().parse().unwrap(),
        provider_deadline: patience.provider_deadline,
        give_up: patience.give_up,
    }
}

/// An order as order-service would tell of it.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) customer: AccountId,
    pub(crate) total: Money,
    pub(crate) method: String,
    pub(crate) checkout_id: CheckoutId,
}

impl Order {
    pub(crate) fn new(method: &str) -> Self {
        Self::of(Clock::system().new_id(), method, 1999)
    }

    pub(crate) fn of(customer: AccountId, method: &str, amount: i64) -> Self {
        let clock = Clock::system();
        Self {
            id: clock.new_id(),
            customer,
            total: Money::new(amount, Currency::EUR),
            method: method.to_owned(),
            checkout_id: clock.new_id(),
        }
    }

    pub(crate) fn created(&self) -> RawEvent {
        let data = Created {
            order_id: self.id,
            customer_id: self.customer,
            number: 1001,
            checkout_id: self.checkout_id,
            lines: Vec::new(),
            total: self.total,
            payment_method: self.method.clone(),
        };
        RawEvent { correlation_id: self.id.uuid(), ..event(1, data) }
    }

    pub(crate) fn cancelled(&self) -> RawEvent {
        let data = Cancelled {
            order_id: self.id,
            customer_id: self.customer,
            number: 1001,
            checkout_id: self.checkout_id,
            total: self.total,
            reason: CancelReason::Requested,
            was_paid: false,
        };
        RawEvent { correlation_id: self.id.uuid(), ..event(2, data) }
    }
}
