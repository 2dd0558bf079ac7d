//! What the broker gave up: who looks at the numbers must be able to trust them.

use super::{Delivery, Dispatcher, Handler};
use crate::{Bus, Clock, Env, Kit, Settings, Subscriptions, inbox};
use contracts::{Currency, Money, RawEvent, ServiceName, events::payment::Completed};
use metrics_exporter_prometheus::PrometheusBuilder;
use sqlx::migrate::Migrator;
use test_kit::{TestDatabase, event};
use uuid::Uuid;

static NONE: Migrator = Migrator::DEFAULT;

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

#[tokio::test]
async fn a_dead_letter_counts_once_and_not_at_all_when_its_event_is_done() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let database = TestDatabase::new(ServiceName::Order, &NONE).await;
    let settings = Settings::read(&Env::of([("DATABASE_URL", database.url())]), ServiceName::Order).unwrap();
    let kit = Kit::open(settings, &NONE, Bus::Elsewhere, Clock::system()).await.unwrap();
    let dispatcher = Dispatcher::new((), &kit, Subscriptions::new(ServiceName::Order));
    let give_up = async |event: &RawEvent| {
        let body = event.to_json().to_string().into_bytes();
        let letter = Delivery::Dead { body, reason: "the broker gave it up".to_owned() };
        dispatcher.handle(letter).await.unwrap();
    };
    let counted = || {
        let page = page.render();
        let of_payments = ["events_consumed_total", r#"type="payment.completed""#, r#"outcome="dead""#];
        let line = page.lines().find(|line| of_payments.iter().all(|part| line.contains(part))).unwrap();
        line.rsplit_once(' ').unwrap().1.to_owned()
    };
    let (done, given_up) = (payment(), payment());
    let mut connection = kit.database.pool().acquire().await.unwrap();
    assert!(inbox::claim(&mut connection, &done, kit.clock.now()).await.unwrap());
    give_up(&done).await;
    assert_eq!(counted(), "0");
    give_up(&given_up).await;
    // Handed out again: nobody had acknowledged it.
    give_up(&given_up).await;
    assert_eq!(counted(), "1");
}
