//! What is looked at, who relays, and who is ended: no session may die for another's silence.

use super::{
    LOOK_BACK, View,
    election::{Leads, Term, end_silent},
};
use crate::{Database, Migrations};
use contracts::ServiceName;
use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator};
use test_kit::{TestDatabase, until};
use uuid::Uuid;

static NONE: Migrator = Migrator::DEFAULT;

async fn open() -> (TestDatabase, Database) {
    let database = TestDatabase::new(ServiceName::Order, &NONE).await;
    let url = database.url().to_owned().into();
    let opened = Database::open(ServiceName::Order, &url, 4, &NONE, Migrations::On).await.unwrap();
    (database, opened)
}

async fn elected(database: &Database, leads: &Leads) -> Option<Term> {
    Term::stand(database, Uuid::new_v4(), leads, &mut None).await.unwrap()
}

async fn change_heartbeat(database: &TestDatabase, change: &str) {
    let statement = AssertSqlSafe(format!("UPDATE relay_heartbeat SET {change}"));
    assert_eq!(sqlx::query(statement).execute(database.pool()).await.unwrap().rows_affected(), 1);
}

/// What whoever stands by does about the heartbeat it finds.
async fn ended(database: &TestDatabase) -> bool {
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let ended = end_silent(&mut connection).await.unwrap().is_some();
    connection.close().await.unwrap();
    ended
}

const OLD: &str = "beat_at = now() - interval '11 s'";

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
async fn a_relay_that_is_silent_loses_its_session_and_notices() {
    // Old; and ahead of the clock, which was put back since.
    for change in [OLD, "beat_at = now() - interval '1 day'", "beat_at = now() + interval '1 hour'"] {
        let (database, opened) = open().await;
        let mut silent = elected(&opened, &Leads::default()).await.unwrap();
        change_heartbeat(&database, change).await;
        assert!(ended(&database).await, "{change}");
        let leads = Leads::default();
        let mut next = until("the next one", || elected(&opened, &leads)).await;
        silent.is_due();
        assert!(silent.renew().await.is_err(), "{change}");
        next.renew().await.unwrap();
    }
}

#[tokio::test]
async fn nobody_is_ended_for_a_heartbeat_that_is_young_or_somebody_elses() {
    let (database, opened) = open().await;
    let mut relay = elected(&opened, &Leads::default()).await.unwrap();
    let mut innocent = PgConnection::connect(database.url()).await.unwrap();
    let innocents: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut innocent).await.unwrap();
    for change in [
        "beat_at = now() - interval '5 s'".to_owned(),
        "beat_at = now() + interval '5 s'".to_owned(),
        // The process id was given out again.
        format!("{OLD}, backend_start = backend_start - interval '1 hour'"),
        // A session that is there and has not the lock.
        format!(
            "{OLD}, pid = {innocents}, backend_start = (SELECT backend_start FROM pg_stat_activity \
                 WHERE pid = {innocents})"
        ),
        // A relay of an older version, which has the lock and writes no heartbeat, after one of this that is gone.
        format!("{OLD}, pid = 1"),
    ] {
        change_heartbeat(&database, &change).await;
        assert!(!ended(&database).await, "{change}");
    }
    sqlx::query("SELECT 1").execute(&mut innocent).await.unwrap();
    sqlx::query("SELECT 1").execute(&mut relay.connection).await.unwrap();
}

#[tokio::test]
async fn a_relay_whose_statement_takes_long_is_left_to_the_server() {
    let (database, opened) = open().await;
    let mut relay = elected(&opened, &Leads::default()).await.unwrap();
    change_heartbeat(&database, OLD).await;
    let busy = "SELECT count(*) FROM pg_stat_activity JOIN relay_heartbeat USING (pid) WHERE state = 'active'";
    let looking = async {
        until("the statement to begin", || async { (database.count(busy).await == 1).then_some(()) }).await;
        ended(&database).await
    };
    let working = sqlx::query("SELECT pg_sleep(2)").execute(&mut relay.connection);
    let (ended, worked) = tokio::join!(looking, working);
    assert!(!ended);
    worked.unwrap();
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
