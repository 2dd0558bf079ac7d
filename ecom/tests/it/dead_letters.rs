//! `ecom dead-letters`: what consumers gave up is looked at, tried again, or dropped.

use crate::{
    events::operator_log,
    support::{Shop, Way, key, order},
};
use contracts::{AccountId, Event, RawEvent, ServiceName, events::user::Verified};
use operate::{dead_letters, events};
use serde_json::json;
use service_kit::{
    Clock,
    inbox::{
        FORGOTTEN,
        by_hand::{Status, UNREADABLE},
    },
};
use sqlx::AssertSqlSafe;
use test_kit::until;

async fn execute(shop: &Shop, statement: &str) {
    let pool = shop.databases[&ServiceName::Notify].pool();
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(pool).await.unwrap();
}

/// Waits until notify-service has given the event up; the minute between its attempts is skipped.
async fn dead(shop: &Shop, id: &str) {
    until("the event to be dead", || async {
        let skip = "UPDATE inbox SET attempts = 7, next_at = 'epoch' WHERE status = 'waiting' AND attempts < 7";
        execute(shop, skip).await;
        let count =
            sqlx::query_scalar::<_, i64>("SELECT count(*) FROM inbox WHERE event_id = $1::uuid AND status = 'dead'");
        let count = count.bind(id).fetch_one(shop.databases[&ServiceName::Notify].pool()).await.unwrap();
        (count == 1).then_some(())
    })
    .await;
}

fn poison() -> RawEvent {
    let account_id: AccountId = Clock::system().new_id();
    Event { data: json!({"who": "nobody"}), ..test_kit::event(1, Verified { account_id }) }
}

async fn deliver(shop: &Shop, event: &RawEvent) {
    for answer in shop.kits[&ServiceName::User].bus.publish(std::slice::from_ref(event)).await {
        answer.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_cause_was_mended_is_replayed_and_done() {
    let shop = Shop::open(Way::Local).await;
    let (reach, clock) = (shop.reach().await, Clock::system());
    shop.sell("MUG", 1250, 10).await;
    execute(&shop, "ALTER TABLE messages RENAME TO mislaid").await;
    let id = order(&shop.customer(), &key(), "sim_ok", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    shop.settled_order(&id).await;
    let journey = events::Filter { journey: Some(id.parse().unwrap()), ..events::Filter::default() };
    let logged = events::list(&reach, &journey, 10, &clock).await.unwrap();
    let told = |logged: &&events::Logged| logged.event.source == ServiceName::Order;
    let told: Vec<_> = logged.iter().filter(told).map(|logged| logged.event.id.uuid()).collect();
    assert_eq!(told.len(), 2);
    for id in &told {
        dead(&shop, &id.to_string()).await;
    }
    let letters = dead_letters::list(&reach, None, false).await.unwrap();
    let listed: Vec<_> =
        letters.iter().map(|letter| (letter.service, letter.row.event_id, letter.row.attempts)).collect();
    assert_eq!(listed, [(ServiceName::Notify, told[0], 8), (ServiceName::Notify, told[1], 8)]);
    let reason = letters[0].row.reason.clone().unwrap();
    assert!(reason.contains("messages"), "{reason}");

    execute(&shop, "ALTER TABLE mislaid RENAME TO messages").await;
    let revived = dead_letters::replay(&reach, &clock, "ada", None, told[0]).await.unwrap();
    assert_eq!(revived.len(), 1);
    let others = dead_letters::replay_all(&reach, &clock, "ada", Some(ServiceName::Notify)).await.unwrap();
    assert_eq!(others, 1);
    shop.quiet().await;
    let messages = "SELECT count(*) FROM messages";
    assert_eq!(shop.databases[&ServiceName::Notify].count(messages).await, 2);
    assert_eq!(dead_letters::list(&reach, None, false).await.unwrap(), []);
    let log = operator_log(&shop, ServiceName::Notify).await;
    assert_eq!(log.len(), 2);
    let note = format!("order.created, dead because: {reason}");
    assert_eq!(log[0], ("ada".to_owned(), "replayed".to_owned(), told[0].to_string(), note));
    let done = dead_letters::replay(&reach, &clock, "ada", None, told[0]).await.unwrap_err().to_string();
    assert!(done.contains("is no dead letter; it is done at payment-service, done at notify-service"), "{done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_letter_is_known_for_ever_and_never_acted_on() {
    let shop = Shop::open(Way::Local).await;
    let (reach, clock) = (shop.reach().await, Clock::system());
    let poison = poison();
    let id = poison.id.uuid();
    deliver(&shop, &poison).await;
    dead(&shop, &id.to_string()).await;
    let letters = dead_letters::find(&reach, None, id).await.unwrap();
    assert_eq!((letters.len(), &letters[0].row.envelope), (1, &Some(poison.to_json())));
    let reason = letters[0].row.reason.clone().unwrap();
    assert!(reason.contains("account_id"), "{reason}");

    let silent = dead_letters::drop_letter(&reach, &clock, "ada", None, id, " ").await.unwrap_err();
    assert!(silent.to_string().contains("--reason"), "{silent}");
    dead_letters::drop_letter(&reach, &clock, "ada", None, id, "a test sent it").await.unwrap();
    let line = ("ada".to_owned(), "dropped".to_owned(), id.to_string(), "a test sent it".to_owned());
    assert_eq!(operator_log(&shop, ServiceName::Notify).await, [line]);
    assert_eq!(dead_letters::list(&reach, None, false).await.unwrap(), []);
    let twice = dead_letters::drop_letter(&reach, &clock, "ada", None, id, "again").await.unwrap_err();
    assert_eq!(twice.to_string(), format!("{id} was dropped before"));

    // It arrives again, now with data that could be read: the row decides.
    let data = json!({ "account_id": poison.subject });
    deliver(&shop, &Event { data, ..poison }).await;
    let dropped = dead_letters::list(&reach, Some(ServiceName::Notify), true).await.unwrap();
    assert_eq!((dropped.len(), dropped[0].row.status), (1, Status::Dropped));
    assert_eq!(shop.databases[&ServiceName::Notify].count("SELECT count(*) FROM messages").await, 0);
    shop.quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_dead_letter_is_answered_with_where_to_look() {
    let shop = Shop::open(Way::Local).await;
    let id = Clock::system().new_id();
    let unknown = dead_letters::find(&shop.reach().await, None, id).await.unwrap_err().to_string();
    assert_eq!(unknown, format!("there is no dead letter {id}: `ecom dead-letters list` shows their ids"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_may_be_tried_again_are_whatever_lies_before_them() {
    let shop = Shop::open(Way::Local).await;
    shop.leaves_queued("dead letters, of which nobody knows the events");
    let (reach, clock) = (shop.reach().await, Clock::system());
    // More than are read at a time, and older.
    for (number, kind, reason) in [(1001, "user.verified", FORGOTTEN), (1001, UNREADABLE, "not JSON")] {
        let lie = format!(
            "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, reason, envelope)
             SELECT gen_random_uuid(), '{kind}', gen_random_uuid(), 1, now() - interval '1 day', 'dead', 1, '{reason}', '{{}}'
             FROM generate_series(1, {number})"
        );
        execute(&shop, &lie).await;
    }
    let last = "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, reason, envelope)
                SELECT gen_random_uuid(), 'user.verified', gen_random_uuid(), 1, now(), 'dead', 8, 'it failed', '{}'
                FROM generate_series(1, 2)";
    execute(&shop, last).await;
    assert_eq!(dead_letters::replay_all(&reach, &clock, "ada", None).await.unwrap(), 2);
    assert_eq!(dead_letters::forgotten(&reach, None).await.unwrap(), 1001);
}
