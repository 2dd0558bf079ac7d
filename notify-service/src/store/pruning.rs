//! Messages that are old enough to go, with their mails. One whose mail was not sent stays, also if it was given up.

use service_kit::pruning::{AT_ONCE, Pruning};
use sqlx::PgConnection;
use std::ops::Range;
use uuid::Uuid;

pub(crate) const MESSAGES: Pruning = Pruning {
    table: "messages",
    next: |connection, ids| Box::pin(next(connection, ids)),
    delete: |connection, ids| Box::pin(delete(connection, ids)),
};

async fn next(connection: &mut PgConnection, ids: Range<Uuid>) -> Result<Option<Uuid>, sqlx::Error> {
    let next = sqlx::query_scalar!(
        "SELECT id FROM messages WHERE id >= $1 AND id < $2 ORDER BY id OFFSET $3 LIMIT 1",
        ids.start,
        ids.end,
        AT_ONCE
    );
    next.fetch_optional(connection).await
}

/// How many rows of both tables.
async fn delete(connection: &mut PgConnection, ids: Range<Uuid>) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query_scalar!(
        r#"WITH gone AS (
               DELETE FROM messages WHERE id >= $1 AND id < $2
                   AND NOT EXISTS (SELECT FROM deliveries WHERE message_id = messages.id AND status <> 'sent')
               RETURNING id
           ), mails AS (
               DELETE FROM deliveries WHERE message_id = ANY (ARRAY (SELECT id FROM gone)) RETURNING 1
           )
           SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM mails) AS "deleted!""#,
        ids.start,
        ids.end
    );
    Ok(deleted.fetch_one(connection).await?.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::{delete, next};
    use crate::store::MIGRATIONS;
    use contracts::ServiceName;
    use service_kit::pruning::{AT_ONCE, first_id_of};
    use test_kit::TestDatabase;
    use time::{Duration, macros::datetime};
    use uuid::Uuid;

    /// Messages one after the other, with their mails.
    async fn store(database: &TestDatabase, first: Uuid, status: &str, number: i64) {
        let store = "WITH made AS (
                 SELECT overlay($1::uuid::text PLACING lpad(to_hex(nth), 12, '0') FROM 25)::uuid AS id, nth
                 FROM generate_series(1, $3) AS nth
             ), told AS (
                 INSERT INTO messages (id, account_id, event_id, template, correlation_id, title, body, content, in_inbox,
                     created_at)
                 SELECT id, id, id, 'order_paid', id, '', '', '{}', true, now() FROM made RETURNING id
             )
             INSERT INTO deliveries (id, message_id, account_id, channel, status, message_id_header, created_at, next_at,
                 sent_at)
             SELECT id, id, id, 'email', $2, '', now(), CASE WHEN $2 IN ('waiting', 'sending') THEN now() END,
                 CASE WHEN $2 = 'sent' THEN now() END
             FROM made";
        sqlx::query(store).bind(first).bind(status).bind(number).execute(database.pool()).await.unwrap();
    }

    #[tokio::test]
    async fn old_messages_go_with_their_mails_unless_one_was_never_sent() {
        let database = TestDatabase::new(ServiceName::Notify, &MIGRATIONS).await;
        let (begin, end) = (datetime!(2026-01-01 0:00 UTC), first_id_of(datetime!(2026-02-01 0:00 UTC)));
        let day = |day: i64| first_id_of(begin + Duration::days(day));
        store(&database, day(0), "sent", AT_ONCE).await;
        for (number, status) in [(1, "waiting"), (2, "sending"), (3, "failed"), (4, "sent"), (40, "sent")] {
            store(&database, day(number), status, 1).await;
        }
        let mut connection = database.pool().acquire().await.unwrap();
        let piece = next(&mut connection, day(0)..end).await.unwrap().unwrap();
        assert!(day(0) < piece && piece <= first_id_of(begin + Duration::days(1) + Duration::milliseconds(1)));
        // Rows of two tables, but for what waits and what was given up.
        let rows = 2 * (AT_ONCE.unsigned_abs() + 1);
        assert_eq!(delete(&mut connection, day(0)..end).await.unwrap(), rows);
        let left = "SELECT string_agg(status, ' ' ORDER BY deliveries.id)
                    FROM deliveries JOIN messages ON messages.id = message_id";
        let left: String = sqlx::query_scalar(left).fetch_one(&mut *connection).await.unwrap();
        assert_eq!(left, "waiting sending failed sent");
        assert_eq!(database.count("SELECT count(*) FROM deliveries").await, 4);
    }
}
