//! What an operator mends (`ecom doctor --repair`), through the same code that the service itself goes through. Each
//! works in the caller's transaction and leaves a line in the operator's log.

use crate::{
    changes::follow::{Heard, follow},
    domain::Fact,
    error::Error,
    store::stock,
};
use contracts::{CheckoutId, OrderId, VariantId};
use service_kit::{Clock, operator_log};
use sqlx::PgConnection;

/// Gives back what a reservation holds, as its order's cancellation does. Only for who made sure that no live order
/// holds it. False when it holds nothing.
///
/// # Errors
/// The database refuses.
pub async fn release(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    checkout_id: CheckoutId,
    order_id: OrderId,
) -> Result<bool, Error> {
    let heard = Heard { checkout_id, order_id, fact: Fact::Cancelled };
    if follow(connection, &[heard], clock.now()).await?.changes.is_empty() {
        return Ok(false);
    }
    let note = "released: no live order holds this reservation";
    operator_log::note(connection, clock, operator, "repaired", &checkout_id.to_string(), note).await?;
    Ok(true)
}

/// Rebuilds a level of stock from its movements and reservations. False when it is right already.
///
/// # Errors
/// The database refuses: among others when more is held than there is.
pub async fn rebuild_balance(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    variant_id: VariantId,
    location: &str,
) -> Result<bool, Error> {
    let Some((on_hand, reserved)) = stock::rebuild(connection, variant_id, location).await? else { return Ok(false) };
    let target = format!("{variant_id} in {location}");
    let note = format!("rebuilt from movements and reservations: {on_hand} on hand, {reserved} reserved");
    operator_log::note(connection, clock, operator, "repaired", &target, &note).await?;
    Ok(true)
}
