//! What no service can do by itself: a handler that panics. The dispatcher catches its reactions' panics; the consumer
//! must survive what is left.

use super::{Bus, Delivery, Handler, RabbitBus};
use crate::{Env, KitError};
use contracts::{Currency, EventId, Money, RawEvent, ServiceName, events::payment::Completed};
use futures_util::future::BoxFuture;
use lapin::{
    Connection, ConnectionProperties,
    options::{ExchangeDeleteOptions, QueueDeleteOptions},
};
use std::sync::{Arc, Mutex};
use test_kit::{event, until};
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Panics at the first delivery of one event and keeps the others; takes its time with one of them.
struct Fragile {
    poison: EventId,
    slow: Option<EventId>,
    begun: Notify,
    release: Notify,
    heard: Mutex<Vec<(EventId, bool)>>,
}

impl Fragile {
    fn new(poison: EventId, slow: Option<EventId>) -> Arc<Self> {
        let (begun, release) = (Notify::new(), Notify::new());
        Arc::new(Self { poison, slow, begun, release, heard: Mutex::default() })
    }

    /// Whether it was marked as redelivered; nothing before it came.
    fn heard(&self, id: EventId) -> Option<bool> {
        let heard = self.heard.lock().unwrap();
        heard.iter().find(|(known, _)| *known == id).map(|(_, redelivered)| *redelivered)
    }
}

impl Handler for Fragile {
    fn service(&self) -> ServiceName {
        ServiceName::Order
    }

    fn handle(&self, deliveries: Vec<Delivery>) -> BoxFuture<'_, Result<(), KitError>> {
        Box::pin(async move {
            for delivery in deliveries {
                if let Delivery::Event { event, redelivered } = delivery {
                    assert!(redelivered || event.id != self.poison, "the handler fell over");
                    if self.slow == Some(event.id) {
                        self.begun.notify_one();
                        self.release.notified().await;
                    }
                    self.heard.lock().unwrap().push((event.id, redelivered));
                }
            }
            Ok(())
        })
    }
}

fn payment() -> RawEvent {
    let data = Completed {
        payment_id: Uuid::new_v4().into(),
        order_id: Uuid::new_v4().into(),
        customer_id: Uuid::new_v4().into(),
        amount: Money::new(1999, Currency::EUR),
        method: "sim_ok".to_owned(),
    };
    event(1, data)
}

async fn publish(bus: &Bus, events: &[RawEvent]) {
    until("the bus to take the events", || async {
        bus.publish(events).await.into_iter().all(|answer| answer.is_ok()).then_some(())
    })
    .await;
}

/// Removes what a test made on the broker.
async fn tidy(url: &str, namespace: &str) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    for service in ServiceName::ALL {
        for kind in ["events", "dead"] {
            let queue = format!("{namespace}.{service}.{kind}");
            channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
        }
    }
    for kind in ["events", "dead"] {
        let exchange = format!("{namespace}.{kind}");
        channel.exchange_delete(exchange.into(), ExchangeDeleteOptions::default()).await.unwrap();
    }
    connection.close(200, "".into()).await.unwrap();
}

/// A bus of its own for a test, with its consumer.
struct Consuming {
    url: String,
    namespace: String,
    bus: Bus,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Consuming {
    fn start(handler: Arc<Fragile>) -> Self {
        let hint = "TEST_AMQP_URL is not set: run the tests with `cargo xtask test`, or give a RabbitMQ";
        let url = Env::process().text("TEST_AMQP_URL").unwrap().expect(hint);
        let namespace = format!("test-{}", Uuid::new_v4().simple());
        let bus = Bus::Rabbit(RabbitBus::new(url.clone().into(), &namespace));
        let stop = CancellationToken::new();
        let task = {
            let (bus, stop) = (bus.clone(), stop.clone());
            tokio::spawn(async move { bus.consume(handler, vec!["payment.completed"], stop).await })
        };
        Self { url, namespace, bus, stop, task }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
        tidy(&self.url, &self.namespace).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_ends_the_session_and_its_messages_come_again() {
    let poison = payment();
    let fragile = Fragile::new(poison.id, None);
    let consuming = Consuming::start(Arc::clone(&fragile));
    publish(&consuming.bus, std::slice::from_ref(&poison)).await;
    // It comes again without anybody else's message, marked: so it will be counted before it is acted on.
    assert!(until("the message to come again", || async { fragile.heard(poison.id) }).await);
    let later: Vec<_> = (0..40).map(|_| payment()).collect();
    publish(&consuming.bus, &later).await;
    for event in &later {
        until("a later message", || async { fragile.heard(event.id) }).await;
    }
    consuming.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_turn_is_not_acknowledged_with_what_went_before() {
    let (slow, poison) = (payment(), payment());
    let fragile = Fragile::new(poison.id, Some(slow.id));
    let consuming = Consuming::start(Arc::clone(&fragile));
    publish(&consuming.bus, std::slice::from_ref(&slow)).await;
    fragile.begun.notified().await;
    publish(&consuming.bus, std::slice::from_ref(&poison)).await;
    until("the second to be handed out", || async {
        let depth = consuming.bus.depth(ServiceName::Order).await.unwrap().unwrap();
        (depth.events == 0).then_some(())
    })
    .await;
    fragile.release.notify_one();
    // It is lost with its session unless it is unacknowledged still.
    assert!(until("the second to come again", || async { fragile.heard(poison.id) }).await);
    assert_eq!(fragile.heard(slow.id), Some(false));
    consuming.end().await;
}
