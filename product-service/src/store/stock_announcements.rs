//! Whose availability differs from what was last announced. The lock is on the variant, not on its stock: a shopper
//! who reserves never waits for it.

use contracts::{ProductId, VariantId};
use sqlx::PgConnection;
use time::{OffsetDateTime, UtcOffset};
use uuid::Uuid;

pub(crate) struct Changed {
    pub(crate) variant_id: VariantId,
    pub(crate) product_id: ProductId,
    pub(crate) sku: String,
    pub(crate) available: i64,
    /// Numbers the announcement; none while the last one is too fresh.
    pub(crate) version: Option<i64>,
    /// Whether there was something of it when it was announced last, and nothing now, for the first time that day.
    pub(crate) ran_out: bool,
}

/// Up to `limit` of these variants that differ (of all for `None`), locked in one order.
pub(crate) async fn lock_changed(
    connection: &mut PgConnection,
    variants: Option<&[Uuid]>,
    limit: i64,
) -> Result<Vec<Uuid>, sqlx::Error> {
    // Two statements: one for both would read all variants for a few.
    let Some(variants) = variants else {
        return sqlx::query_scalar!(
            "SELECT variants.id FROM variants
             WHERE variants.announced_available <> (
                 SELECT sum(on_hand - reserved) FROM stock WHERE stock.variant_id = variants.id)
             ORDER BY variants.id LIMIT $1 FOR NO KEY UPDATE OF variants",
            limit
        )
        .fetch_all(connection)
        .await;
    };
    sqlx::query_scalar!(
        "SELECT variants.id FROM variants
         WHERE variants.id = ANY ($1)
           AND variants.announced_available <> (
               SELECT sum(on_hand - reserved) FROM stock WHERE stock.variant_id = variants.id)
         ORDER BY variants.id LIMIT $2 FOR NO KEY UPDATE OF variants",
        variants,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Notes their availability as announced. A statement of its own behind the lock: it sees everything that was
/// committed before it, so that an older number never follows a newer one. What it gives of a variant itself is as it was
/// before: what a statement changes it does not see.
pub(crate) async fn note(
    connection: &mut PgConnection,
    locked: &[Uuid],
    at: OffsetDateTime,
    not_since: OffsetDateTime,
) -> Result<Vec<Changed>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"WITH level AS (
               SELECT variant_id, sum(on_hand - reserved)::bigint AS available FROM stock
               WHERE variant_id = ANY (ARRAY (SELECT unnest($1::uuid[]))) GROUP BY variant_id
           ), noted AS (
               UPDATE variants
               SET announced_available = level.available, announced_at = $2, stock_version = stock_version + 1,
                   ran_out_on = CASE WHEN announced_available > 0 AND level.available <= 0 THEN $4 ELSE ran_out_on END
               FROM level
               WHERE variants.id = level.variant_id AND variants.announced_available <> level.available
                 AND (variants.announced_at IS NULL OR variants.announced_at <= $3)
               RETURNING variants.id, variants.stock_version
           )
           SELECT variants.id, variants.product_id, variants.sku, level.available AS "available!",
                  noted.stock_version AS "version?",
                  noted.id IS NOT NULL AND variants.announced_available > 0 AND level.available <= 0
                      AND variants.ran_out_on IS DISTINCT FROM $4 AS "ran_out!"
           FROM level
           JOIN LATERAL (
               SELECT id, product_id, sku, announced_available, ran_out_on FROM variants WHERE id = level.variant_id OFFSET 0
           ) AS variants ON true
           LEFT JOIN noted ON noted.id = variants.id
           WHERE noted.id IS NOT NULL OR variants.announced_available <> level.available"#,
        locked,
        at,
        not_since,
        at.to_offset(UtcOffset::UTC).date()
    )
    .fetch_all(connection)
    .await?;
    let changed = rows.into_iter().map(|row| Changed {
        variant_id: row.id.into(),
        product_id: row.product_id.into(),
        sku: row.sku,
        available: row.available,
        version: row.version,
        ran_out: row.ran_out,
    });
    Ok(changed.collect())
}
