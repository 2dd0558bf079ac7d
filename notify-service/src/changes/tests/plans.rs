//! What hot statements read, however many mails wait and whatever the planner last heard of the tables: a plan that was made
//! while they were empty is kept while they fill.

use super::{Still, attempted, id, paid};
use crate::{
    changes::{judge::judge, tell},
    store::deliveries,
};
use service_kit::Tx;
use time::Duration;

/// Rows of messages and deliveries: when each begins to wait, and whose it is.
const FILL: &str = "
    INSERT INTO messages (id, account_id, event_id, template, correlation_id, title, body, content, in_inbox, created_at)
    SELECT md5('message' || n)::uuid, md5('person' || n)::uuid, md5('event' || n)::uuid, 'welcome', gen_random_uuid(),
        'Welcome!', 'Welcome!', '{\"template\": \"welcome\"}', TRUE, now() FROM generate_series(1, 20000) AS n;
    INSERT INTO deliveries (id, message_id, account_id, channel, status, next_at, message_id_header, created_at)
    SELECT md5('delivery' || n)::uuid, md5('message' || n)::uuid, md5('person' || n)::uuid, 'email', 'waiting',
        now() + $DUE$, '<' || n || '@shop.test>', now() FROM generate_series(1, 20000) AS n;";

const LATER: &str = "interval '1 hour'";
const LONG_AGO: &str = "interval '-1 hour'";

/// What the planner knows.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// Nothing: as after a first start.
    Nothing,
    /// That there were a few rows.
    Few,
    /// All of it.
    All,
}

async fn still(due: &str, known: Known) -> Still {
    let still = Still::told(3).await;
    let untouched = "ALTER TABLE messages SET (autovacuum_enabled = FALSE);
                     ALTER TABLE deliveries SET (autovacuum_enabled = FALSE);";
    let run = async |statement: &str| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(still.database.pool()).await.unwrap();
    };
    run(untouched).await;
    if let Known::Few = known {
        run("ANALYZE messages, deliveries").await;
    }
    // As many as there are, and then frozen: the plans that the connections keep.
    run(&FILL.replace("$DUE$", due)).await;
    if let Known::All = known {
        run("VACUUM ANALYZE messages").await;
        run("VACUUM ANALYZE deliveries").await;
    }
    still
}

/// Whole tables that were read, and rows that were fetched, in this transaction.
async fn read(tx: &mut Tx) -> (i64, i64) {
    let query = "SELECT sum(seq_scan)::bigint, sum(coalesce(idx_tup_fetch, 0) + seq_tup_read)::bigint
                 FROM pg_stat_xact_user_tables WHERE relname IN ('messages', 'deliveries')";
    sqlx::query_as(query).fetch_one(&mut **tx).await.unwrap()
}

/// What the work reads once its plans are settled: on one connection, again and again, and nothing of it is kept.
async fn settled(still: &Still, work: impl AsyncFn(&mut Tx)) -> (i64, i64) {
    let mut last = (0, 0);
    for _ in 0..7 {
        let mut tx = still.app.kit.database.begin("test").await.unwrap();
        let before = read(&mut tx).await;
        work(&mut tx).await;
        let after = read(&mut tx).await;
        tx.rollback().await.unwrap();
        last = (after.0 - before.0, after.1 - before.1);
    }
    last
}

#[tokio::test]
async fn a_claim_reads_what_it_takes_and_no_more() {
    for known in [Known::Nothing, Known::Few, Known::All] {
        for (due, taken, most) in [(LATER, 3, 60), (LONG_AGO, 8, 120)] {
            let still = still(due, known).await;
            let now = still.app.kit.clock.now();
            let claim = async |tx: &mut Tx| {
                let due = deliveries::take_due(tx, now, now + Duration::minutes(1), &[], 8).await.unwrap();
                assert_eq!(due.len(), taken);
            };
            let (tables, rows) = settled(&still, claim).await;
            println!("{known:?}, {taken} due: {rows} rows");
            assert!(tables == 0 && rows <= most, "{known:?}, {due}: {tables} whole tables, {rows} rows");
        }
    }
}

#[tokio::test]
async fn a_mail_is_told_and_marked_by_its_keys() {
    for known in [Known::Nothing, Known::Few, Known::All] {
        let still = still(LONG_AGO, known).await;
        let tell = async |tx: &mut Tx| {
            let event = paid(9, 9);
            let content = crate::domain::Content::Welcome;
            let news = tell::News::of(&event, id(9), content);
            drop(tell::tell(&still.app, tx, vec![news]).await.unwrap());
        };
        let (tables, rows) = settled(&still, tell).await;
        println!("{known:?}: telling reads {rows} rows");
        assert!(tables == 0 && rows <= 10, "{known:?}: {tables} whole tables, {rows} rows");
        let sent: Vec<_> = still.due().await.iter().map(|mail| attempted(mail, Ok(()))).collect();
        let mark = async |tx: &mut Tx| {
            judge(&still.app, tx, &sent).await.unwrap();
        };
        let (tables, rows) = settled(&still, mark).await;
        println!("{known:?}: marking {} reads {rows} rows", sent.len());
        assert!(tables == 0 && rows <= 60, "{known:?}: {tables} whole tables, {rows} rows");
    }
}
