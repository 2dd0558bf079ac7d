//! What an operator mends (`ecom doctor --repair`): work that nobody takes up is made due. The service's own jobs do it;
//! whatever they send carries the key that was stored before, so that nothing is charged or given back twice. Each works
//! in the caller's transaction and leaves a line in the operator's log.

use crate::store::{payments, refunds};
use contracts::{PaymentId, RefundId};
use service_kit::{Clock, operator_log};
use sqlx::PgConnection;

/// False when the payment is not open.
///
/// # Errors
/// The database refuses.
pub async fn try_payment(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    id: PaymentId,
) -> Result<bool, sqlx::Error> {
    if !payments::try_now(connection, id, clock.now()).await? {
        return Ok(false);
    }
    operator_log::note(connection, clock, operator, "repaired", &id.to_string(), "the open payment was made due")
        .await?;
    Ok(true)
}

/// False when the refund is completed.
///
/// # Errors
/// The database refuses.
pub async fn try_refund(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    id: RefundId,
) -> Result<bool, sqlx::Error> {
    if !refunds::try_now(connection, id, clock.now()).await? {
        return Ok(false);
    }
    operator_log::note(connection, clock, operator, "repaired", &id.to_string(), "the open refund was made due")
        .await?;
    Ok(true)
}
