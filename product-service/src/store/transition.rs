//! The one way a reservation changes after it was made: lock its stock (sorted), lock the reservation, let the domain
//! decide, write. Reactions and the expiry job all come through here, so that they contend on the same rows.

use super::{reservations, stock};
use crate::{
    Error,
    domain::{Fact, Next, Reservation, StockEffect},
};
use contracts::{CheckoutId, OrderId, VariantId};
use service_kit::{agreement::agree, labs::cure};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What became of a reservation.
pub(crate) struct Change {
    pub(crate) next: Next,
    /// The reservation's version after the change; numbers its event.
    pub(crate) version: i64,
    /// Whose availability changed.
    pub(crate) available_again: Vec<VariantId>,
}

/// In the caller's transaction.
pub(crate) async fn apply(
    tx: &mut PgConnection,
    checkout_id: CheckoutId,
    order_id: OrderId,
    fact: Fact,
    at: OffsetDateTime,
) -> Result<Change, Error> {
    // A payment touches no stock.
    if fact != Fact::Paid {
        lock_stock(tx, checkout_id).await?;
    }
    let locked = lock(tx, checkout_id).await?;
    let (found, version) = match locked {
        Some(Locked { found, version, order_id: known }) => {
            agree("order", order_id, known)?;
            (found, version)
        }
        None => (Reservation::Unknown, 0),
    };
    let next = found.after(fact);
    let mut change = Change { next, version, available_again: Vec::new() };
    match next {
        Next::Early => {
            let event = match fact {
                Fact::Paid => "order.paid",
                Fact::Fulfilled => "order.fulfilled",
                Fact::Cancelled | Fact::Lapsed => "a change",
            };
            return Err(Error::Early { event, checkout_id, found: found.as_str() });
        }
        Next::TooLate => {
            let found = found.as_str();
            tracing::warn!(checkout.id = %checkout_id, order.id = %order_id, found, ?fact, "stock was given back before");
        }
        Next::Stay => {}
        Next::Become(status, _) if found == Reservation::Unknown => {
            change.version = bury(tx, checkout_id, order_id, status, at).await?;
        }
        Next::Become(status, effect) => {
            let (from, to) = (found.as_str(), status.as_str());
            tracing::info!(checkout.id = %checkout_id, order.id = %order_id, from, to, "a reservation changed");
            change.version = advance(tx, checkout_id, status, at).await?;
            match effect {
                StockEffect::None => {}
                StockEffect::GiveBack => change.available_again = stock::give_back(tx, checkout_id.uuid()).await?,
                // What left the warehouse is no longer on its shelf.
                StockEffect::Ship if !cure("shipping-takes-stock") => {}
                StockEffect::Ship => stock::ship(tx, checkout_id.uuid(), order_id, at).await?,
            }
        }
    }
    Ok(change)
}

async fn lock_stock(connection: &mut PgConnection, checkout_id: CheckoutId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "SELECT stock.variant_id FROM stock
         JOIN reservation_lines AS line ON line.variant_id = stock.variant_id AND line.location = stock.location
         WHERE line.checkout_id = $1 ORDER BY stock.variant_id FOR UPDATE OF stock",
        checkout_id.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// A reservation under its lock.
struct Locked {
    found: Reservation,
    version: i64,
    /// The one order it was made for.
    order_id: OrderId,
}

async fn lock(connection: &mut PgConnection, checkout_id: CheckoutId) -> Result<Option<Locked>, Error> {
    let row = sqlx::query!(
        "SELECT status, version, order_id FROM reservations WHERE checkout_id = $1 FOR UPDATE",
        checkout_id.uuid()
    )
    .fetch_optional(connection)
    .await?;
    let locked = row.map(|row| {
        Ok(Locked { found: reservations::status(&row.status)?, version: row.version, order_id: row.order_id.into() })
    });
    locked.transpose()
}

async fn advance(
    connection: &mut PgConnection,
    checkout_id: CheckoutId,
    status: Reservation,
    at: OffsetDateTime,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE reservations SET status = $2, version = version + 1, changed_at = $3 WHERE checkout_id = $1
         RETURNING version",
        checkout_id.uuid(),
        status.as_str(),
        at
    )
    .fetch_one(connection)
    .await
}

/// A tombstone. A request to reserve that won the race meanwhile makes this change start again.
async fn bury(
    connection: &mut PgConnection,
    checkout_id: CheckoutId,
    order_id: OrderId,
    status: Reservation,
    at: OffsetDateTime,
) -> Result<i64, Error> {
    let version = sqlx::query_scalar!(
        "INSERT INTO reservations
             (checkout_id, order_id, status, skus, quantities, created_at, changed_at, expires_at, look_at, version)
         VALUES ($1, $2, $3, '{}', '{}', $4, $4, $4, $4, 1)
         ON CONFLICT (checkout_id) DO NOTHING RETURNING version",
        checkout_id.uuid(),
        order_id.uuid(),
        status.as_str(),
        at
    )
    .fetch_optional(connection)
    .await?;
    version.ok_or(Error::Contended(checkout_id))
}
