//! What is looked at, who relays, and who is ended: no session may die for another's silence.

use super::{
    LOOK_BACK, QUIET, View,
    election::{Leads, SILENCE, Term, end_silent, stand_up},
    is_seldom,
};
use crate::{Database, Migrations};
use contracts::ServiceName;
use sqlx::{Connection, PgConnection, migrate::Migrator};
use std::time::{Duration, Instant};
use test_kit::{TestDatabase, until};
use uuid::Uuid;

static NONE: Migrator = Migrator::DEFAULT;

async fn open() -> (TestDatabase, Database) {
    let database = TestDatabase::new(ServiceName::Order, &NONE).await;
    let url = database.url().to_owned().into();
    let opened = Database::open(ServiceName::Order, &url, None, 4, &NONE, Migrations::On).await.unwrap();
    (database, opened)
}

async fn elected(database: &Database, leads: &Leads) -> Option<Term> {
    Term::stand(database, Uuid::new_v4(), leads, &mut None).await.unwrap()
}

/// What whoever stands by does about one that is silent for so long.
async fn ended(database: &TestDatabase, silence: Duration) -> bool {
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let ended = end_silent(&mut connection, silence).await.unwrap().is_some();
    connection.close().await.unwrap();
    ended
}

#[tokio::test]
async fn one_is_elected_and_the_next_when_that_one_ends() {
    let (_database, opened) = open().await;
    let (first_leads, second_leads) = (Leads::default(), Leads::default());
    let mut first = elected(&opened, &first_leads).await.unwrap();
    assert!(elected(&opened, &second_leads).await.is_none());
    assert_eq!([first_leads.now(), second_leads.now()], [true, false]);
    first.renew().await.unwrap();
    first.end().await.unwrap();
    assert!(!first_leads.now());
    let second = until("the second to be elected", || elected(&opened, &second_leads)).await;
    assert!(second_leads.now());
    drop(second);
    assert!(!second_leads.now());
}

#[tokio::test]
async fn who_leads_hears_from_its_heartbeat_whether_others_stand_by_and_whether_anything_waits() {
    let (database, opened) = open().await;
    let mut relay = elected(&opened, &Leads::default()).await.unwrap();
    assert!(!relay.is_alone(), "not before it has looked");
    let heard = async |relay: &mut Term| (relay.renew_and_look().await.unwrap(), relay.is_alone());
    assert_eq!(heard(&mut relay).await, (false, true));
    let (mut kept, leads) = (None, Leads::default());
    while kept.is_none() {
        let elected = Term::stand(&opened, Uuid::new_v4(), &leads, &mut kept).await.unwrap();
        assert!(elected.is_none());
    }
    let waits = "WITH event AS (INSERT INTO event_log
                     (event_id, type, subject, sequence, correlation_id, announced_at, envelope)
                 SELECT id, 'of.a.test', id, 1, id, now(), '{}' FROM gen_random_uuid() AS id RETURNING position)
                 INSERT INTO outbox (position, next_at) SELECT position, 'infinity' FROM event";
    sqlx::query(waits).execute(database.pool()).await.unwrap();
    assert_eq!(heard(&mut relay).await, (true, false));
    kept.unwrap().close().await.unwrap();
    // The server ends a session a moment after its good-bye.
    while !heard(&mut relay).await.1 {}
}

#[test]
fn a_relay_looks_seldom_after_a_quiet_minute_in_which_nobody_stands_by() {
    assert!(!is_seldom(QUIET - Duration::from_millis(1), true));
    assert_eq!([is_seldom(QUIET, false), is_seldom(QUIET, true)], [false, true]);
}

#[tokio::test]
async fn a_relay_that_is_silent_loses_its_session_and_notices() {
    let (database, opened) = open().await;
    let mut silent = elected(&opened, &Leads::default()).await.unwrap();
    until("it to be silent for long", || async { ended(&database, Duration::from_secs(1)).await.then_some(()) }).await;
    let leads = Leads::default();
    let mut next = until("the next one", || elected(&opened, &leads)).await;
    silent.is_due();
    silent.renew().await.unwrap_err();
    next.renew().await.unwrap();
}

#[tokio::test]
async fn nobody_is_ended_who_gave_a_sign_of_life_or_does_not_relay() {
    let (database, opened) = open().await;
    let mut relay = elected(&opened, &Leads::default()).await.unwrap();
    assert!(!ended(&database, SILENCE).await);
    // Elected longer ago than that, and never silent for as long: each sign counts.
    let (silence, begun) = (Duration::from_secs(3), Instant::now());
    while begun.elapsed() < silence + Duration::from_secs(1) {
        tokio::time::sleep(Duration::from_millis(300)).await;
        relay.is_due();
        relay.renew().await.unwrap();
        assert!(!ended(&database, silence).await);
    }
    relay.end().await.unwrap();
    // A session without the lock, and one that stands by.
    let mut innocent = PgConnection::connect(database.url()).await.unwrap();
    sqlx::query("SELECT 1").execute(&mut innocent).await.unwrap();
    assert!(stand_up(&mut innocent).await.unwrap());
    assert!(!ended(&database, Duration::ZERO).await);
    sqlx::query("SELECT 1").execute(&mut innocent).await.unwrap();
}

#[tokio::test]
async fn a_relay_whose_statement_takes_long_is_left_to_the_server() {
    let (database, opened) = open().await;
    let mut relay = elected(&opened, &Leads::default()).await.unwrap();
    let busy = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE 'relay %' AND state = 'active'";
    let looking = async {
        until("the statement to begin", || async { (database.count(busy).await == 1).then_some(()) }).await;
        ended(&database, Duration::ZERO).await
    };
    let working = sqlx::query("SELECT pg_sleep(2)").execute(&mut relay.connection);
    let (ended, worked) = tokio::join!(looking, working);
    assert!(!ended);
    worked.unwrap();
    assert!(self::ended(&database, Duration::ZERO).await, "the same one, once it waits for its process");
}

#[test]
fn after_a_full_batch_far_behind_the_newest_the_whole_is_looked_at_again_at_once() {
    let mut view = View { newest_confirmed: 50_000, whole_at: None };
    let neighbourhood = 50_000 - LOOK_BACK;
    assert_eq!([view.begin(), view.begin()], [0, neighbourhood]);
    view.after_full(Some(49_500));
    assert_eq!(view.begin(), neighbourhood);
    view.after_full(Some(300));
    assert_eq!([view.begin(), view.begin()], [0, neighbourhood]);
}
