//! Why a level is what it is: append-only, and what is on hand is their sum.

use contracts::{OrderId, VariantId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct NewMovement {
    pub(crate) variant_id: VariantId,
    pub(crate) location: String,
    pub(crate) kind: &'static str,
    pub(crate) quantity: i64,
    /// Why staff changed it.
    pub(crate) reason: Option<&'static str>,
    pub(crate) note: Option<String>,
    /// Who of the staff.
    /// Who of the staff: an account, or the API key of a machine.
    pub(crate) account_id: Option<Uuid>,
    /// For which order.
    pub(crate) order_id: Option<OrderId>,
    pub(crate) at: OffsetDateTime,
}

pub(crate) async fn insert(connection: &mut PgConnection, movements: &[NewMovement]) -> Result<(), sqlx::Error> {
    if movements.is_empty() {
        return Ok(());
    }
    let text = |value: fn(&NewMovement) -> Option<&str>| movements.iter().map(value).collect::<Vec<_>>();
    let variants: Vec<Uuid> = movements.iter().map(|movement| movement.variant_id.uuid()).collect();
    let quantities: Vec<i64> = movements.iter().map(|movement| movement.quantity).collect();
    let accounts: Vec<Option<Uuid>> = movements.iter().map(|movement| movement.account_id).collect();
    let orders: Vec<Option<Uuid>> = movements.iter().map(|movement| movement.order_id.map(Uuid::from)).collect();
    let times: Vec<OffsetDateTime> = movements.iter().map(|movement| movement.at).collect();
    sqlx::query!(
        "INSERT INTO stock_movements (variant_id, location, kind, quantity, reason, note, account_id, order_id, at)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::uuid[],
                              $8::uuid[], $9::timestamptz[])",
        &variants,
        &text(|movement| Some(&movement.location)) as &[Option<&str>],
        &text(|movement| Some(movement.kind)) as &[Option<&str>],
        &quantities,
        &text(|movement| movement.reason) as &[Option<&str>],
        &text(|movement| movement.note.as_deref()) as &[Option<&str>],
        &accounts as &[Option<Uuid>],
        &orders as &[Option<Uuid>],
        &times
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) struct Movement {
    /// Counts up.
    pub(crate) position: i64,
    pub(crate) kind: String,
    pub(crate) quantity: i64,
    pub(crate) reason: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) order_id: Option<Uuid>,
    pub(crate) at: OffsetDateTime,
}

/// Up to `limit` movements older than position `before`, newest first.
pub(crate) async fn list(
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
