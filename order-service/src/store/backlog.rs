//! What waits and since when, read every few seconds for the metrics: by indexes, and no further than it is worth.

use sqlx::PgConnection;
use time::OffsetDateTime;

/// Counts stop at 10,000, so that a large backlog costs no more than a middling one.
pub(crate) struct Backlog {
    pub(crate) pending: i64,
    pub(crate) oldest_pending: Option<OffsetDateTime>,
    pub(crate) paid: i64,
    pub(crate) oldest_paid: Option<OffsetDateTime>,
    pub(crate) overdue: i64,
    /// The earliest deadline of a pending order, passed or not.
    pub(crate) first_deadline: Option<OffsetDateTime>,
}

pub(crate) async fn read(connection: &mut PgConnection, now: OffsetDateTime) -> Result<Backlog, sqlx::Error> {
    // Ids are UUIDv7: the lowest is the oldest.
    sqlx::query_as!(
        Backlog,
        r#"SELECT
               (SELECT count(*) FROM (SELECT FROM orders WHERE status = 'pending' LIMIT 10000) AS counted) AS "pending!",
               (SELECT created_at FROM orders WHERE status = 'pending' ORDER BY id LIMIT 1) AS oldest_pending,
               (SELECT count(*) FROM (SELECT FROM orders WHERE status = 'paid' LIMIT 10000) AS counted) AS "paid!",
               (SELECT created_at FROM orders WHERE status = 'paid' ORDER BY id LIMIT 1) AS oldest_paid,
               (SELECT count(*) FROM (
                   SELECT FROM orders WHERE status = 'pending' AND deadline < $1 LIMIT 10000) AS counted) AS "overdue!",
               (SELECT min(deadline) FROM orders WHERE status = 'pending') AS first_deadline"#,
        now
    )
    .fetch_one(connection)
    .await
}
