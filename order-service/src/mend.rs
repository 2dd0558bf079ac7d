//! What an operator mends (`ecom doctor --repair`), through the same code that the service itself goes through. Each
//! leaves a line in the operator's log, in the transaction of the change. After a restored backup also what the other
//! services still know is remembered (`ecom restored`).

mod remember;

pub use remember::{Learned, Placed, Remembered, Told, remember};

use crate::{
    changes::{
        cancel,
        expire::{self, LetGo},
    },
    config::Config,
    error::Error,
    state::App,
    store::numbers,
};
use contracts::{CheckoutId, OrderId};
use service_kit::{Cause, Clock, Kit, KitError, operator_log};
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
    let expired = expire::let_go(connection, &[checkout_id]).await?;
    match expired.first() {
        Some(LetGo::Now) => {}
        Some(expired) => return Ok(*expired == LetGo::Before),
        None => return Err(KitError::NoAnswer.into()),
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
    let what = "cancelled by an operator: no payment before the deadline";
    if cancel::overdue(&app, &mut tx, vec![(Cause::current(), id)], what).await?.is_empty() {
        return Ok(false);
    }
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
    let what = "cancelled by an operator: its address was lost with a database";
    if !cancel::by_operator(&app, &mut tx, id, what).await? {
        return Ok(false);
    }
    operator_log::note(&mut tx, &kit.clock, operator, "restored", &id.to_string(), what).await?;
    let _committed = tx.commit().await?;
    Ok(true)
}
