//! What is on hand, and the movements that made it so.

use crate::{
    Error,
    domain::{Adjustment, Reason},
};
use contracts::{AccountId, OrderId, ProductId, VariantId};
use serde::Serialize;
use service_kit::{document::one_of, labs::cure};
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::{ToSchema, openapi::Object};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) variant_id: VariantId,
    pub(crate) sku: String,
    pub(crate) location: String,
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
}

fn kinds() -> Object {
    one_of(&["initial", "restocked", "adjusted", "shipped"])
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StockMovement)]
pub(crate) struct Movement {
    /// Counts up.
    pub(crate) position: i64,
    /// `initial`, `restocked`, `adjusted` or `shipped`.
    #[schema(schema_with = kinds)]
    pub(crate) kind: String,
    /// Pieces that came in; below 0 those that went.
    pub(crate) quantity: i64,
    #[schema(value_type = Option<Reason>)]
    pub(crate) reason: Option<String>,
    pub(crate) note: Option<String>,
    /// Who of the staff.
    pub(crate) account_id: Option<Uuid>,
    /// For which order.
    pub(crate) order_id: Option<Uuid>,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) at: OffsetDateTime,
}

struct Row {
    variant_id: Uuid,
    sku: String,
    location: String,
    on_hand: i64,
    reserved: i64,
}

impl From<Row> for Level {
    fn from(row: Row) -> Self {
        Self {
            variant_id: row.variant_id.into(),
            sku: row.sku,
            location: row.location,
            on_hand: row.on_hand,
            reserved: row.reserved,
        }
    }
}

/// Of a product's default variant.
pub(crate) async fn find(connection: &mut PgConnection, id: ProductId) -> Result<Option<Level>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT variant_id, sku, location, on_hand, reserved FROM stock JOIN variants ON variants.id = variant_id
         WHERE product_id = $1 AND is_default AND location = 'main'",
        id.uuid()
    );
    Ok(row.fetch_optional(connection).await?.map(Level::from))
}

/// The same, with the row's lock.
pub(crate) async fn lock(connection: &mut PgConnection, id: ProductId) -> Result<Option<Level>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT variant_id, sku, location, on_hand, reserved FROM stock JOIN variants ON variants.id = variant_id
         WHERE product_id = $1 AND is_default AND location = 'main' FOR UPDATE OF stock",
        id.uuid()
    );
    Ok(row.fetch_optional(connection).await?.map(Level::from))
}

/// Writes an adjustment down and gives the level after it. Only for who holds the lock.
pub(crate) async fn adjust(
    connection: &mut PgConnection,
    level: Level,
    adjustment: &Adjustment,
    by: AccountId,
    at: OffsetDateTime,
) -> Result<Level, Error> {
    let on_hand = level.on_hand + adjustment.quantity;
    if on_hand < level.reserved {
        let Level { on_hand, reserved, .. } = level;
        return Err(Error::BelowReserved { on_hand, reserved, change: adjustment.quantity });
    }
    // The level never moves without a movement: what cannot be added up again cannot be trusted.
    if !cure("level-with-movement") {
        let place = "UPDATE stock SET on_hand = $3 WHERE variant_id = $1 AND location = $2";
        let place = sqlx::query(place).bind(level.variant_id.uuid()).bind(&level.location).bind(on_hand);
        place.execute(connection).await?;
        return Ok(Level { on_hand, ..level });
    }
    sqlx::query!(
        "WITH moved AS (
             INSERT INTO stock_movements (variant_id, location, kind, quantity, reason, note, account_id, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         )
         UPDATE stock SET on_hand = on_hand + $4 WHERE variant_id = $1 AND location = $2",
        level.variant_id.uuid(),
        level.location,
        adjustment.kind(),
        adjustment.quantity,
        adjustment.reason.as_str(),
        adjustment.note,
        by.uuid(),
        at
    )
    .execute(connection)
    .await?;
    Ok(Level { on_hand, ..level })
}

/// Up to `limit` movements older than position `before`, newest first.
pub(crate) async fn movements(
    connection: &mut PgConnection,
    variant_id: VariantId,
    before: i64,
    limit: i64,
) -> Result<Vec<Movement>, sqlx::Error> {
    sqlx::query_as!(
        Movement,
        "SELECT position, kind, quantity, reason, note, account_id, order_id, at FROM stock_movements
         WHERE variant_id = $1 AND position < $2 ORDER BY position DESC LIMIT $3",
        variant_id.uuid(),
        before,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Sets a level to what its movements and reservations say. Locks it first: whoever moves or reserves holds that lock,
/// so that the sums are those of one moment. None when they agree already, or there is no such level.
pub(crate) async fn rebuild(
    connection: &mut PgConnection,
    variant_id: VariantId,
    location: &str,
) -> Result<Option<(i64, i64)>, sqlx::Error> {
    sqlx::query!(
        "SELECT variant_id FROM stock WHERE variant_id = $1 AND location = $2 FOR UPDATE",
        variant_id.uuid(),
        location
    )
    .fetch_optional(&mut *connection)
    .await?;
    let row = sqlx::query!(
        r#"WITH moved AS (
               SELECT coalesce(sum(quantity), 0)::bigint AS pieces FROM stock_movements
               WHERE variant_id = $1 AND location = $2
           ), held AS (
               SELECT coalesce(sum(quantity), 0)::bigint AS pieces FROM reservation_lines
               JOIN reservations USING (checkout_id)
               WHERE variant_id = $1 AND location = $2 AND status IN ('held', 'committed')
           )
           UPDATE stock SET on_hand = moved.pieces, reserved = held.pieces FROM moved, held
           WHERE variant_id = $1 AND location = $2 AND (on_hand, reserved) <> (moved.pieces, held.pieces)
           RETURNING on_hand, reserved"#,
        variant_id.uuid(),
        location
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.on_hand, row.reserved)))
}

/// Gives back what a reservation took. Only for who holds the locks of its stock and of itself.
pub(crate) async fn give_back(connection: &mut PgConnection, checkout_id: Uuid) -> Result<Vec<VariantId>, sqlx::Error> {
    let variants = sqlx::query_scalar!(
        "UPDATE stock SET reserved = stock.reserved - line.quantity FROM reservation_lines AS line
         WHERE line.checkout_id = $1 AND stock.variant_id = line.variant_id AND stock.location = line.location
         RETURNING stock.variant_id",
        checkout_id
    )
    .fetch_all(connection)
    .await?;
    Ok(variants.into_iter().map(VariantId::from).collect())
}

/// Takes what a reservation held out of the warehouse. Only for who holds the locks of its stock and of itself.
pub(crate) async fn ship(
    connection: &mut PgConnection,
    checkout_id: Uuid,
    order_id: OrderId,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "WITH line AS (
             SELECT variant_id, location, quantity FROM reservation_lines WHERE checkout_id = $1
         ), moved AS (
             INSERT INTO stock_movements (variant_id, location, kind, quantity, order_id, at)
             SELECT variant_id, location, 'shipped', -quantity, $2, $3 FROM line
         )
         UPDATE stock SET on_hand = stock.on_hand - line.quantity, reserved = stock.reserved - line.quantity FROM line
         WHERE stock.variant_id = line.variant_id AND stock.location = line.location",
        checkout_id,
        order_id.uuid(),
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}
