//! What the broker gave up: who looks at the numbers must be able to trust them.

use super::{Delivery, Dispatcher, Handler, Remedy};
use crate::{
    Bus, Clock, Env, Kit, KitError, Settings, Subscriptions,
    inbox::{
        self,
        by_hand::{self, Status},
    },
};
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

/// As services carry errors on.
#[derive(Debug, thiserror::Error)]
enum Carried {
    #[error(transparent)]
    Kit(#[from] KitError),
}

#[tokio::test]
async fn only_what_the_data_may_be_to_blame_for_is_tried_one_by_one() {
    let database = TestDatabase::new(ServiceName::Order, &NONE).await;
    for (code, remedy) in [
        ("40P01", Remedy::OnceMore),
        ("40001", Remedy::OnceMore),
        ("57P01", Remedy::Later),
        ("08006", Remedy::Later),
        ("23505", Remedy::EachAlone),
    ] {
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$");
        let cause = sqlx::raw_sql(sqlx::AssertSqlSafe(raise)).execute(database.pool()).await.unwrap_err();
        let carried = Carried::from(KitError::from(cause));
        assert_eq!(Remedy::of(&carried), remedy, "{code}");
    }
    let broken = sqlx::Error::from(std::io::Error::other("the connection broke"));
    assert_eq!(Remedy::of(&Carried::from(KitError::from(broken))), Remedy::Later);
    assert_eq!(Remedy::of(&KitError::NoAnswer), Remedy::EachAlone);
}

#[tokio::test]
async fn a_dead_letter_counts_once_and_an_event_the_broker_gave_up_is_none() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let database = TestDatabase::new(ServiceName::Order, &NONE).await;
    let settings = Settings::read(&Env::of([("DATABASE_URL", database.url())]), ServiceName::Order).unwrap();
    let kit = Kit::open(settings, &NONE, Bus::Elsewhere, Clock::system()).await.unwrap();
    let dispatcher = Dispatcher::new(&kit, Subscriptions::<()>::new(ServiceName::Order).of(()));
    let handle = async |delivery: Delivery| dispatcher.handle(vec![delivery]).await.unwrap();
    let counted = |kind: &str| {
        let page = page.render();
        let parts = ["events_consumed_total", &format!("type=\"{kind}\""), r#"outcome="dead""#];
        let line = page.lines().find(|line| parts.iter().all(|part| line.contains(part))).unwrap();
        line.rsplit_once(' ').unwrap().1.to_owned()
    };
    // The second time it is handed out again: nobody had acknowledged it.
    for _ in 0..2 {
        let reason = "not an envelope".to_owned();
        handle(Delivery::Unreadable { body: b"a stranger's".to_vec(), reason }).await;
        assert_eq!(counted("unknown"), "1");
    }
    let (done, new) = (payment(), payment());
    let mut connection = kit.database.acquire().await.unwrap();
    assert_eq!(inbox::claim(&mut connection, std::slice::from_ref(&done), kit.clock.now()).await.unwrap().len(), 1);
    for event in [&done, &new, &new] {
        handle(Delivery::GivenUp { event: event.clone(), reason: "the broker gave it up".to_owned() }).await;
    }
    assert_eq!(counted("payment.completed"), "0");
    let mut rows = Vec::new();
    for event in [&done, &new] {
        let row = by_hand::find(&mut connection, event.id.uuid()).await.unwrap().unwrap();
        rows.push((row.status, row.attempts));
    }
    assert_eq!(rows, [(Status::Done, 0), (Status::Waiting, 1)]);
}
