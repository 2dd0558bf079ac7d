//! What an operator mends (`ecom doctor --repair`): work that nobody takes up is made due. The service's own jobs do it;
//! whatever they send carries the key that was stored before, so that nothing is charged or given back twice. Each works
//! in the caller's transaction and leaves a line in the operator's log.

use crate::{
    domain::restored_refund_key,
    provider::{Provider, RefundAnswer, RefundOrder},
    store::{payments, refunds},
};
use anyhow::bail;
use contracts::{Money, PaymentId, RefundId};
use service_kit::{Clock, operator_log};
use sqlx::PgConnection;
use std::time::Duration;
use url::Url;

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
    if payments::try_now(connection, &[id], clock.now()).await? == 0 {
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
    if refunds::try_now(connection, &[id], clock.now()).await? == 0 {
        return Ok(false);
    }
    operator_log::note(connection, clock, operator, "repaired", &id.to_string(), "the open refund was made due")
        .await?;
    Ok(true)
}

/// Takes note of what the provider has under a key that no payment has, since a backup was restored: the doctor names it no
/// longer, once its money is back.
///
/// # Errors
/// The database refuses.
pub async fn acknowledge(
    connection: &mut PgConnection,
    clock: &Clock,
    operator: &str,
    key: &str,
    what: &str,
) -> Result<bool, sqlx::Error> {
    let note = format!("the provider {what}; no payment has this key since a backup was restored");
    operator_log::note(connection, clock, operator, "acknowledged", key, &note).await?;
    Ok(true)
}

/// One call may take so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often an unclear answer is asked about.
const TRIES: usize = 5;

/// Gives back what the provider took for an order that is no more, once however often it is asked for: the key is made from
/// the charge alone. Gives the provider's id of the refund.
///
/// # Errors
/// The provider refuses, or gives no clear answer: asking again later is safe.
pub async fn give_back(provider: &Url, charge: &str, amount: Money) -> anyhow::Result<String> {
    let provider = Provider::http(provider, PATIENCE)?;
    let order = RefundOrder { key: restored_refund_key(charge), charge: charge.to_owned(), amount };
    let mut last = String::new();
    for _ in 0..TRIES {
        for answer in [provider.refund(&order).await, provider.find_refund(&order).await] {
            match answer {
                RefundAnswer::Completed { reference } => return Ok(reference),
                RefundAnswer::NoSuchRefund => {}
                RefundAnswer::Unclear { trouble } => last = trouble,
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    bail!("the provider gives no clear answer about {charge}: {last}. Asking again gives nothing back twice")
}
