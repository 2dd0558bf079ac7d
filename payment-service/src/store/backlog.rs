//! What waits and since when, read every few seconds for the metrics: by the indexes of what is due.

use sqlx::PgConnection;
use time::OffsetDateTime;

/// Counts stop at 10,000, so that a large backlog costs no more than a middling one.
pub(crate) struct Backlog {
    pub(crate) created: i64,
    pub(crate) oldest_created: Option<OffsetDateTime>,
    pub(crate) unknown: i64,
    pub(crate) oldest_unknown: Option<OffsetDateTime>,
    pub(crate) refunds: i64,
    pub(crate) oldest_refund: Option<OffsetDateTime>,
}

pub(crate) async fn read(connection: &mut PgConnection) -> Result<Backlog, sqlx::Error> {
    sqlx::query_as!(
        Backlog,
        r#"SELECT count(*) FILTER (WHERE status = 'created') AS "created!",
                  min(created_at) FILTER (WHERE status = 'created') AS oldest_created,
                  count(*) FILTER (WHERE status = 'unknown') AS "unknown!",
                  min(created_at) FILTER (WHERE status = 'unknown') AS oldest_unknown,
                  (SELECT count(*) FROM (
                      SELECT FROM refunds WHERE status IN ('requested', 'unknown') LIMIT 10000) AS counted) AS "refunds!",
                  (SELECT min(requested_at) FROM (
                      SELECT requested_at FROM refunds WHERE status IN ('requested', 'unknown')
                      ORDER BY next_at LIMIT 10000) AS counted) AS oldest_refund
           FROM (SELECT status, created_at FROM payments WHERE status IN ('created', 'unknown')
                 ORDER BY next_at LIMIT 10000) AS open"#
    )
    .fetch_one(connection)
    .await
}
