//! What an operator mends (`ecom doctor --repair`), through the same code that the service itself goes through. Each
//! leaves a line in the operator's log, in the transaction of the change. After a restored backup also what the other
//! services still know is remembered (`ecom restored`).

mod remember;

pub use remember::{Learned, Placed, Remembered, Told, remember};

use crate::{
    Config, Error,
    app::App,
    reactions,
    store::{
        checkouts::{self, LetGo},
        numbers, orders,
    },
};
use contracts::{CheckoutId, OrderId, events::order::CancelReason};
use service_kit::{Clock, Kit, operator_log};
use sqlx::PgConnection;

/// Makes sure, in the caller's transaction, that no live order holds a checkout: its order is cancelled, or none was
/// stored and none will be. False when a live order holds it.
///
/// # Errors
/// The database refuses.
pub async fn let_go(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    checkout_id: CheckoutId,
) -> Result<bool, Error> {
    let expired = checkouts::let_go(connection, checkout_id).await?;
    if expired != LetGo::Now {
        return Ok(expired == LetGo::Before);
    }
    let note = "expired: no order was stored, and none will be";
    operator_log::note(connection, clock, operator, "repaired", &checkout_id.to_string(), note).await?;
    Ok(true)
}

/// Cancels an order that waits for its payment past its deadline. False when it no longer does.
///
/// # Errors
/// The database refuses.
pub async fn cancel_overdue(kit: &Kit, config: &Config, operator: &str, id: OrderId) -> Result<bool, Error> {
    let app = App::new(kit.clone(), config);
    let mut tx = kit.database.begin("mend").await?;
    let Some(order) = orders::lock(&mut tx, id, None).await? else { return Ok(false) };
    if !order.status.is_overdue(kit.clock.now()) {
        return Ok(false);
    }
    let what = "cancelled by an operator: no payment before the deadline";
    reactions::cancel(&app, &mut tx, order, CancelReason::PaymentOverdue, what, None).await?;
    operator_log::note(&mut tx, &kit.clock, operator, "repaired", &id.to_string(), what).await?;
    let _committed = tx.commit().await?;
    Ok(true)
}

/// The last order number that was given out.
///
/// # Errors
/// The database is away.
pub async fn last_number(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    numbers::last(connection).await
}

/// Lets order numbers go on behind `number`: numbers up to there were given out by a database that is no more. False when
/// they are further already.
///
/// # Errors
/// The database refuses.
pub async fn move_numbers(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    number: i64,
) -> Result<bool, sqlx::Error> {
    let before = numbers::last(connection).await?;
    let last = numbers::move_beyond(connection, number).await?;
    let note = format!("a backup was restored: the last order number was {before}, the next one is {}", last + 1);
    operator_log::note(connection, clock, operator, "restored", "order_numbers", &note).await?;
    Ok(last != before)
}

/// Cancels an order that was remembered without its address, so that its money and its stock go back. False when it can no
/// longer be cancelled, or was before.
///
/// # Errors
/// The database refuses.
pub async fn cancel_remembered(kit: &Kit, config: &Config, operator: &str, id: OrderId) -> Result<bool, Error> {
    let app = App::new(kit.clone(), config);
    let mut tx = kit.database.begin("mend").await?;
    let Some(order) = orders::lock(&mut tx, id, None).await? else { return Ok(false) };
    if order.status.cancel(CancelReason::Other, kit.clock.now()).is_err() {
        return Ok(false);
    }
    let what = "cancelled by an operator: its address was lost with a database";
    reactions::cancel(&app, &mut tx, order, CancelReason::Other, what, None).await?;
    operator_log::note(&mut tx, &kit.clock, operator, "restored", &id.to_string(), what).await?;
    let _committed = tx.commit().await?;
    Ok(true)
}
