//! The operator's log: what people did to a service's events and balances by hand. Append-only, in the database that was
//! changed and in the transaction of the change.

use crate::Clock;
use sqlx::PgConnection;

/// Writes down that `operator` did `action` to `target`.
///
/// # Errors
/// The database is away.
pub async fn note(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    action: &str,
    target: &str,
    note: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO operator_log (at, operator, action, target, note) VALUES ($1, $2, $3, $4, $5)",
        clock.now(),
        operator,
        action,
        target,
        note
    )
    .execute(connection)
    .await?;
    Ok(())
}
