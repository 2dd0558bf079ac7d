//! What customers are about to hold. See the migration for how it is counted.

use contracts::{AccountId, CheckoutId};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A customer is about to have pieces reserved.
pub(crate) struct Intent {
    pub(crate) customer_id: AccountId,
    pub(crate) checkout_id: CheckoutId,
    pub(crate) pieces: i64,
}

/// What a customer may hold unpaid at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub orders: i64,
    pub pieces: i64,
}

/// What became of an intent.
pub(crate) enum Begun {
    /// It is counted.
    Counted,
    /// There is an order for this checkout, or there will be none.
    Decided,
    TooMuch {
        orders: i64,
        pieces: i64,
    },
}

/// Counts what the customer holds and, where there is room, this as well: by one statement, so that as many as come at
/// once are counted one after the other. Intents from before `live_since` have ended.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    intent: &Intent,
    limits: Limits,
    now: OffsetDateTime,
    live_since: OffsetDateTime,
) -> Result<Begun, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT decided AS "decided!", open_orders AS "orders!", open_pieces AS "pieces!", begun AS "begun!"
           FROM begin_checkout($1, $2, $3, $4, $5, $6, $7)"#,
        intent.customer_id.uuid(),
        intent.checkout_id.uuid(),
        intent.pieces,
        limits.orders,
        limits.pieces,
        now,
        live_since
    )
    .fetch_one(connection)
    .await?;
    Ok(match (row.begun, row.decided) {
        (true, _) => Begun::Counted,
        (false, true) => Begun::Decided,
        (false, false) => Begun::TooMuch { orders: row.orders, pieces: row.pieces },
    })
}

/// Nothing is held for it. As little worth a wait for the disk as its beginning was.
pub(crate) async fn end(connection: &mut PgConnection, intent: &Intent) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM checkout_intents
         WHERE customer_id = $1 AND checkout_id = $2 AND set_config('synchronous_commit', 'off', true) = 'off'",
        intent.customer_id.uuid(),
        intent.checkout_id.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what began before then: its order was stored, or its reservation has ended.
pub(crate) async fn forget(connection: &mut PgConnection, before: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!("DELETE FROM checkout_intents WHERE begun_at <= $1", before);
    Ok(forgotten.execute(connection).await?.rows_affected())
}
