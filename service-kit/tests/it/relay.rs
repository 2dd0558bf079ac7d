//! The relay: whole pending set, one per database, nobody held up by somebody else.

use crate::{
    listener::{Listener, listened},
    support::{Sample, Way, announce_in, announce_paid, created, database, drained, kit, order_id},
};
use contracts::{
    EventId, RawEvent, ServiceName,
    events::order::{Created, Paid},
};
use futures_util::future::BoxFuture;
use service_kit::{
    Bus, Cause, Clock, KitError,
    bus::{Delivery, Handler, LocalBus},
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};
use test_kit::{Held, Recorder, TestDatabase, until};
use uuid::Uuid;

/// One subscriber that keeps what it is sent.
struct Ear {
    service: ServiceName,
    heard: Mutex<Vec<RawEvent>>,
}

impl Ear {
    fn attach(bus: &LocalBus, service: ServiceName) -> Arc<Self> {
        let ear = Arc::new(Self { service, heard: Mutex::default() });
        bus.attach(Arc::clone(&ear) as Arc<dyn Handler>);
        ear
    }

    async fn hears(&self, id: EventId) {
        until("a subscriber to hear of an event", || async {
            self.heard.lock().unwrap().iter().any(|event| event.id == id).then_some(())
        })
        .await;
    }
}

impl Handler for Ear {
    fn service(&self) -> ServiceName {
        self.service
    }

    fn handle(&self, deliveries: Vec<Delivery>) -> BoxFuture<'_, Result<(), KitError>> {
        for delivery in deliveries {
            if let Delivery::Event { event, .. } = delivery {
                self.heard.lock().unwrap().push(event);
            }
        }
        Box::pin(async { Ok(()) })
    }
}

async fn position(database: &TestDatabase, id: EventId) -> i64 {
    let query = sqlx::query_scalar("SELECT position FROM event_log WHERE event_id = $1").bind(id.uuid());
    query.fetch_one(database.pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_commits_behind_a_later_one_is_still_delivered_however_far_behind() {
    for (way, between) in Way::BOTH.into_iter().flat_map(|way| [(way, 0), (way, 100_000)]) {
        let (sample, listener) = listened(way).await;
        let kit = sample.kit();
        let late_order = order_id();
        let mut slow = kit.database.begin("a_test").await.unwrap();
        let late = announce_in(kit, &mut slow, late_order).await.unwrap();
        let slow = Held::commit(&sample.database, slow).await;
        // As if so many had been announced meanwhile: far more than an ordinary claim looks back.
        let numbers = "SELECT nextval(pg_get_serial_sequence('event_log', 'position')) FROM generate_series(1, $1)";
        sqlx::query(numbers).bind(between).execute(sample.database.pool()).await.unwrap();
        let early = announce_paid(kit, order_id()).await;
        // The later number is relayed, confirmed and gone before the earlier one commits.
        listener.wait_for(|paid: &Paid| paid.order_id != late_order).await;
        drained(&sample.database).await;
        slow.finish().await;
        assert_eq!(listener.wait_for(|paid: &Paid| paid.order_id == late_order).await.id, late);
        assert!(position(&sample.database, late).await < position(&sample.database, early).await);
        listener.end(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_relays_one_works_and_the_other_takes_over() {
    let database = database().await;
    let (first_bus, second_bus) = (LocalBus::new(), LocalBus::new());
    let first_ear = Recorder::attach(&first_bus, ServiceName::Order);
    let second_ear = Recorder::attach(&second_bus, ServiceName::Order);
    let first = Sample::start_on(database, Bus::Local(first_bus), Clock::system()).await;
    let order = order_id();
    announce_paid(first.kit(), order).await;
    first_ear.wait_for(|paid: &Paid| paid.order_id == order).await;

    let settings = crate::support::settings(&first.database);
    let service = crate::sample::build(settings, Bus::Local(second_bus), Clock::system(), Arc::default()).await;
    let second = test_kit::Running::start(service).await;
    // Announced where the second would be woken first.
    for _ in 0..20 {
        let order = order_id();
        announce_paid(&second.kit, order).await;
        first_ear.wait_for(|paid: &Paid| paid.order_id == order).await;
    }
    assert_eq!(second_ear.all::<Paid>().len(), 0);

    let _stopped = first.stop().await;
    let order = order_id();
    announce_paid(&second.kit, order).await;
    second_ear.wait_for(|paid: &Paid| paid.order_id == order).await;
    assert_eq!(first_ear.all::<Paid>().len(), 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_connection_is_killed_goes_on() {
    for way in Way::BOTH {
        let (sample, listener) = listened(way).await;
        let killed = until("the relay to be elected", || async {
            let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_database ON oid = database
                    WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND datname = current_database()";
            let killed: i64 = sqlx::query_scalar(kill).fetch_one(sample.database.pool()).await.unwrap();
            (killed > 0).then_some(killed)
        });
        assert_eq!(killed.await, 1);
        let order = order_id();
        announce_paid(sample.kit(), order).await;
        listener.wait_for(|paid: &Paid| paid.order_id == order).await;
        drained(&sample.database).await;
        listener.end(sample).await;
    }
}

/// Announces as many `order.created` as asked, all in one transaction.
async fn announce_created(kit: &service_kit::Kit, count: usize) -> EventId {
    let mut tx = kit.database.begin("a_test").await.unwrap();
    let mut id = EventId::from(Uuid::nil());
    for _ in 0..count {
        id = kit.announce(&mut tx, &Cause::current(), 1, created(order_id())).unwrap();
    }
    let _committed = tx.commit().await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_events_do_not_hold_up_others_however_many_they_are() {
    let database = database().await;
    // payment-service is away: order.created is refused. product-service and notify-service take order.paid.
    let bus = LocalBus::new();
    let product = Ear::attach(&bus, ServiceName::Product);
    let _notify = Ear::attach(&bus, ServiceName::Notify);
    let kit = kit(&database).await;
    announce_created(&kit, 600).await;
    let paid = announce_paid(&kit, order_id()).await;
    let sample = Sample::start_on(database, Bus::Local(bus.clone()), Clock::system()).await;
    product.hears(paid).await;
    assert_eq!(sample.database.count("SELECT count(*) FROM outbox").await, 600);
    // It is back: what was refused is not lost.
    let payment = Ear::attach(&bus, ServiceName::Payment);
    drained(&sample.database).await;
    assert_eq!(payment.heard.lock().unwrap().len(), 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_is_away_does_not_keep_an_event_from_the_others() {
    let bus = LocalBus::new();
    let notify = Ear::attach(&bus, ServiceName::Notify);
    let sample = Sample::start_on(database().await, Bus::Local(bus.clone()), Clock::system()).await;
    // The contracts name payment-service first.
    let id = announce_created(sample.kit(), 1).await;
    notify.hears(id).await;
    assert_eq!(sample.database.count("SELECT count(*) FROM outbox").await, 1);
    let payment = Ear::attach(&bus, ServiceName::Payment);
    payment.hears(id).await;
    drained(&sample.database).await;
}

/// Panics at the first event it hears.
struct Stumbler {
    ear: Arc<Ear>,
    stumbled: AtomicBool,
}

impl Handler for Stumbler {
    fn service(&self) -> ServiceName {
        self.ear.service
    }

    fn handle(&self, deliveries: Vec<Delivery>) -> BoxFuture<'_, Result<(), KitError>> {
        assert!(self.stumbled.swap(true, Ordering::SeqCst), "a subscriber fell over");
        self.ear.handle(deliveries)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_while_publishing_does_not_end_the_relay() {
    let bus = LocalBus::new();
    let product = Arc::new(Ear { service: ServiceName::Product, heard: Mutex::default() });
    bus.attach(Arc::new(Stumbler { ear: Arc::clone(&product), stumbled: AtomicBool::new(false) }));
    let _notify = Ear::attach(&bus, ServiceName::Notify);
    let sample = Sample::start_on(database().await, Bus::Local(bus), Clock::system()).await;
    let id = announce_paid(sample.kit(), order_id()).await;
    product.hears(id).await;
    drained(&sample.database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_that_cannot_be_read_does_not_hold_up_others() {
    for way in Way::BOTH {
        let database = database().await;
        let kit = kit(&database).await;
        let broken = announce_created(&kit, 1).await;
        // Nothing of ours can do this.
        sqlx::query("ALTER TABLE event_log DISABLE TRIGGER event_log_append_only")
            .execute(database.pool())
            .await
            .unwrap();
        let damage = sqlx::query("UPDATE event_log SET envelope = '{}' WHERE event_id = $1").bind(broken.uuid());
        damage.execute(database.pool()).await.unwrap();
        let bus = way.bus(&database);
        let listener = Listener::attach(&bus, &database).await;
        let sample = Sample::start_on(database, bus, Clock::system()).await;
        let order = order_id();
        announce_paid(sample.kit(), order).await;
        listener.wait_for(|paid: &Paid| paid.order_id == order).await;
        let pending = "SELECT count(*) FROM outbox";
        until("the other to leave the outbox", || async { (sample.database.count(pending).await == 1).then_some(()) })
            .await;
        assert_eq!(listener.all::<Created>().await.len(), 0);
        listener.end(sample).await;
    }
}
