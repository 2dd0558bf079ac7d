//! What guests ordered lately and have not paid, under the names they are counted as.

use contracts::CheckoutId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// Whoever counts as one of these comes one after the other, until the transaction ends.
pub(crate) async fn lock(connection: &mut PgConnection, counted_as: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"SELECT pg_advisory_xact_lock(hashtext('guest_checkout'), counted.number)::text AS "locked"
           FROM (SELECT DISTINCT hashtext(id::text) AS number FROM unnest($1::uuid[]) AS id ORDER BY 1) AS counted"#,
        counted_as
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// The most that any of them has begun since then, besides this checkout, and that is not paid.
pub(crate) async fn unpaid(
    connection: &mut PgConnection,
    counted_as: &[Uuid],
    besides: CheckoutId,
    since: OffsetDateTime,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT coalesce(max(held.number), 0) AS "most!" FROM (
               SELECT count(*) AS number FROM guest_checkouts AS begun
               WHERE counted_as = ANY ($1) AND checkout_id <> $2 AND begun_at > $3
                   AND (SELECT paid_at FROM orders WHERE orders.checkout_id = begun.checkout_id) IS NULL
               GROUP BY counted_as
           ) AS held"#,
        counted_as,
        besides.uuid(),
        since
    )
    .fetch_one(connection)
    .await
}

/// One that is begun again counts once.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    counted_as: &[Uuid],
    checkout_id: CheckoutId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO guest_checkouts (counted_as, checkout_id, begun_at) SELECT DISTINCT id, $2::uuid, $3::timestamptz
         FROM unnest($1::uuid[]) AS id ON CONFLICT (counted_as, checkout_id) DO UPDATE SET begun_at = excluded.begun_at",
        counted_as,
        checkout_id.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Nothing is held for it, and nothing was ordered.
pub(crate) async fn end(
    connection: &mut PgConnection,
    counted_as: &[Uuid],
    checkout_id: CheckoutId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM guest_checkouts WHERE counted_as = ANY ($1) AND checkout_id = $2",
        counted_as,
        checkout_id.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what began before then; gives how many.
pub(crate) async fn forget(connection: &mut PgConnection, before: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!(
        "DELETE FROM guest_checkouts WHERE (counted_as, checkout_id) IN (
             SELECT counted_as, checkout_id FROM guest_checkouts WHERE begun_at <= $1 ORDER BY begun_at LIMIT 1000
             FOR UPDATE SKIP LOCKED)",
        before
    );
    Ok(forgotten.execute(connection).await?.rows_affected())
}
