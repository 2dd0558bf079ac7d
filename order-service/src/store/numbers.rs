//! The sequence that order numbers come from. What it gave out is not given back, so that a database that was put back to
//! an earlier moment gives the same numbers again.

use sqlx::PgConnection;

/// The last number that was given out.
pub(crate) async fn last(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS "last!" FROM order_numbers"#
    )
    .fetch_one(connection)
    .await
}

/// Lets the sequence go on behind `number`, unless it is further already; gives the last number that counts as given out.
/// Orders that are being placed wait meanwhile: a number taken in between would be lost sight of.
pub(crate) async fn move_beyond(connection: &mut PgConnection, number: i64) -> Result<i64, sqlx::Error> {
    sqlx::query!("LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE").execute(&mut *connection).await?;
    let last = last(connection).await?;
    if last >= number {
        return Ok(last);
    }
    sqlx::query_scalar!(r#"SELECT setval('order_numbers', $1) AS "last!""#, number).fetch_one(connection).await
}
