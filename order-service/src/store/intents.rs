//! What customers are about to hold. See the migration for how it is counted.

use crate::domain::{Begun, Intent, Limits};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// Counts what each customer holds and, where there is room, this as well, one after the other: as many as come at once,
/// here or elsewhere, are counted like that, under the customers' locks. Intents from before `live_since` have ended. One
/// that comes twice is counted once.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    intents: &[Intent],
    limits: Limits,
    now: OffsetDateTime,
    live_since: OffsetDateTime,
) -> Result<Vec<Begun>, sqlx::Error> {
    let (customers, checkouts) = keys(intents);
    let pieces: Vec<i64> = intents.iter().map(|intent| intent.pieces).collect();
    let mut rows = sqlx::query!(
        r#"SELECT place AS "place!", decided AS "decided!", open_orders AS "orders!", open_pieces AS "pieces!",
               begun AS "begun!"
           FROM begin_checkouts($1::uuid[], $2::uuid[], $3::bigint[], $4, $5, $6, $7)"#,
        &customers,
        &checkouts,
        &pieces,
        limits.orders,
        limits.pieces,
        now,
        live_since
    )
    .fetch_all(connection)
    .await?;
    rows.sort_unstable_by_key(|row| row.place);
    let begun = rows.into_iter().map(|row| match (row.begun, row.decided) {
        (true, _) => Begun::Counted,
        (false, true) => Begun::Decided,
        (false, false) => Begun::TooMuch { orders: row.orders, pieces: row.pieces },
    });
    Ok(begun.collect())
}

/// Nothing is held for them. As little worth a wait for the disk as their beginning was.
pub(crate) async fn end(connection: &mut PgConnection, intents: &[Intent]) -> Result<(), sqlx::Error> {
    let (customers, checkouts) = keys(intents);
    sqlx::query!(
        "WITH ended AS (
             SELECT customer_id, checkout_id
             FROM unnest($1::uuid[], $2::uuid[]) AS asked (customer_id, checkout_id)
             JOIN checkout_intents AS intent USING (customer_id, checkout_id)
             ORDER BY hashtext(customer_id::text), checkout_id FOR UPDATE OF intent
         )
         DELETE FROM checkout_intents AS intent USING ended
         WHERE intent.customer_id = ended.customer_id AND intent.checkout_id = ended.checkout_id
             AND set_config('synchronous_commit', 'off', true) = 'off'",
        &customers,
        &checkouts
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn keys(intents: &[Intent]) -> (Vec<Uuid>, Vec<Uuid>) {
    intents.iter().map(|intent| (intent.customer_id.uuid(), intent.checkout_id.uuid())).unzip()
}

/// Forgets what began before then: its order was stored, or its reservation has ended.
pub(crate) async fn forget(connection: &mut PgConnection, before: OffsetDateTime) -> Result<u64, sqlx::Error> {
    // One that is locked is begun anew just now, or ended.
    let forgotten = sqlx::query!(
        "DELETE FROM checkout_intents AS intent
         USING (SELECT customer_id, checkout_id FROM checkout_intents WHERE begun_at <= $1 FOR UPDATE SKIP LOCKED) AS over
         WHERE intent.customer_id = over.customer_id AND intent.checkout_id = over.checkout_id",
        before
    );
    Ok(forgotten.execute(connection).await?.rows_affected())
}
