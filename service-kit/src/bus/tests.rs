//! What no service can do by itself: a handler that panics. The dispatcher catches its reactions' panics; a lane must
//! survive what is left.

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
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Panics at the first delivery of one event and keeps the others.
struct Fragile {
    poison: EventId,
    heard: Mutex<Vec<(EventId, bool)>>,
}

impl Handler for Fragile {
    fn service(&self) -> ServiceName {
        ServiceName::Order
    }

    fn handle(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), KitError>> {
        Box::pin(async move {
            if let Delivery::Event { event, redelivered } = delivery {
                assert!(redelivered || event.id != self.poison, "the handler fell over");
                self.heard.lock().unwrap().push((event.id, redelivered));
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

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_panics_ends_the_session_and_its_messages_come_again() {
    let hint = "TEST_AMQP_URL is not set: run the tests with `cargo xtask test`, or give a RabbitMQ";
    let url = Env::process().text("TEST_AMQP_URL").unwrap().expect(hint);
    let namespace = format!("test-{}", Uuid::new_v4().simple());
    let bus = Bus::Rabbit(RabbitBus::new(url.clone().into(), &namespace));
    let poison = payment();
    let fragile = Arc::new(Fragile { poison: poison.id, heard: Mutex::default() });
    let stop = CancellationToken::new();
    let consuming = {
        let (bus, handler, stop) = (bus.clone(), Arc::clone(&fragile) as Arc<dyn Handler>, stop.clone());
        tokio::spawn(async move { bus.consume(handler, vec!["payment.completed"], stop).await })
    };
    publish(&bus, std::slice::from_ref(&poison)).await;
    let heard = |id: EventId| {
        let heard = fragile.heard.lock().unwrap();
        heard.iter().find(|(known, _)| *known == id).map(|(_, redelivered)| *redelivered)
    };
    // It comes again without anybody else's message, marked: so it will be counted before it is acted on.
    assert!(until("the message to come again", || async { heard(poison.id) }).await);
    // All lanes work.
    let later: Vec<_> = (0..40).map(|_| payment()).collect();
    publish(&bus, &later).await;
    for event in &later {
        until("a later message", || async { heard(event.id) }).await;
    }
    stop.cancel();
    consuming.await.unwrap();
    tidy(&url, &namespace).await;
}
