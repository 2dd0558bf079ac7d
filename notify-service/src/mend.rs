//! What an operator mends (`ecom doctor --repair`): a mail that waits is made due. It leaves under the Message-ID it has.

use crate::store::deliveries;
use service_kit::{Clock, operator_log};
use sqlx::PgConnection;
use uuid::Uuid;

/// False when the mail does not wait: it is sent, given up, or being sent in this moment. Works in the caller's
/// transaction and leaves a line in the operator's log.
///
/// # Errors
/// The database refuses.
pub async fn try_delivery(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    id: Uuid,
) -> Result<bool, sqlx::Error> {
    if deliveries::try_now(connection, &[id], clock.now()).await?.is_empty() {
        return Ok(false);
    }
    operator_log::note(connection, clock, operator, "repaired", &id.to_string(), "the waiting mail was made due")
        .await?;
    Ok(true)
}
