//! The provider was told to give money back: what it did is booked, and who got no clear answer is tried again later.

use super::{
    again,
    record::{Changed, record},
};
use crate::{
    error::Error,
    state::App,
    store::{
        payments,
        refunds::{self, Claimed, PutOff},
    },
};
use contracts::RefundId;
use service_kit::{Cause, Tx};
use std::collections::{BTreeMap, HashSet};

/// What became of one refund.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) refund: Claimed,
    /// The provider's own id of the refund, or for operators what was missing.
    pub(crate) reference: Result<String, String>,
    pub(crate) cause: Cause,
}

/// Learning of a refund again changes nothing.
pub(crate) async fn refund(app: &App, tx: &mut Tx, answered: Vec<Answered>) -> Result<(), Error> {
    let now = app.kit.clock.now();
    let ids: Vec<_> = answered.iter().map(|one| one.refund.payment_id).collect();
    let locked = payments::lock(tx, &ids).await?;
    let mut by_id: BTreeMap<_, _> = locked.into_iter().map(|stored| (stored.payment.id, stored)).collect();
    let mut completed = complete(app, tx, &answered).await?;
    let (mut changed, mut put_off) = (Vec::new(), Vec::new());
    for Answered { refund, reference, cause } in answered {
        let (id, payment_id) = (refund.id, refund.payment_id);
        if let Err(trouble) = reference {
            tracing::warn!(
                refund.id = %id, attempts = refund.attempts, error.message = trouble, trace.id = cause.trace_id(),
                "a refund is not done yet"
            );
            put_off.push(PutOff { id, next_at: again::after(refund.attempts, now), trouble });
        } else if completed.remove(&id) {
            let stored = by_id.get_mut(&payment_id).ok_or(Error::PaymentVanished(payment_id))?;
            let over = |_| Error::OverRefund { payment_id, refund_id: id };
            tracing::info!(
                payment.id = %payment_id, order.id = %stored.payment.order_id, refund.id = %id,
                trace.id = cause.trace_id(), "refunded"
            );
            let change = stored.payment.clone().give_back(id, refund.amount.amount).map_err(over)?;
            changed.extend(Changed::of(stored, change, cause));
        }
    }
    refunds::put_off(tx, &put_off).await?;
    record(app, tx, changed).await
}

/// Gives those that were not completed before.
async fn complete(app: &App, tx: &mut Tx, answered: &[Answered]) -> Result<HashSet<RefundId>, Error> {
    let done = answered.iter().filter_map(|one| Some((one.refund.id, one.reference.as_deref().ok()?)));
    Ok(refunds::complete(tx, &done.collect::<Vec<_>>(), app.kit.clock.now()).await?.into_iter().collect())
}
