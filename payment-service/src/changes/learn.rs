//! The only way in which a payment changes: under its row lock, what became known is put through the transition function,
//! and the payment is stored with its books, its refunds and its events.

use super::record::{Changed, record};
use crate::{
    domain::{Change, Fact, Payment},
    error::Error,
    state::App,
    store::payments::Stored,
};
use contracts::{EventId, PaymentId};
use service_kit::{Cause, Tx, cure};
use std::collections::BTreeMap;

/// One thing that became known, and by what.
#[derive(Clone, Debug)]
pub(crate) struct Learned {
    pub(crate) payment: PaymentId,
    pub(crate) fact: Fact,
    pub(crate) cause: Cause,
}

/// Of payments whose locks `tx` holds, in the order in which it was learned.
pub(crate) async fn learn(app: &App, tx: &mut Tx, locked: Vec<Stored>, learned: Vec<Learned>) -> Result<(), Error> {
    let mut payments: BTreeMap<_, _> = locked.into_iter().map(|stored| (stored.payment.id, stored)).collect();
    let mut changed = Vec::new();
    for Learned { payment: id, fact, cause } in learned {
        let stored = payments.get_mut(&id).ok_or(Error::PaymentVanished(id))?;
        let change = decide(stored.payment.clone(), fact);
        let Some(change) = Changed::of(stored, change, cause) else { continue };
        tracing::info!(
            payment.id = %id, order.id = %stored.payment.order_id, from = change.from.as_str(),
            to = stored.payment.state.as_str(), trace.id = change.cause.trace_id(), "a payment changed"
        );
        changed.push(change);
    }
    record(app, tx, changed).await
}

fn decide(payment: Payment, fact: Fact) -> Change {
    match fact {
        Fact::OrderCancelled { cause } => cancelled(payment, cause),
        Fact::Captured { reference } => captured(payment, reference),
        fact @ (Fact::Declined { .. } | Fact::Abandoned) => payment.learn(fact),
    }
}

/// Whoever cancels what they paid for gets it back.
#[cure(refund_on_cancel, instead = crate::labs::keep_what_was_paid)]
fn cancelled(payment: Payment, cause: EventId) -> Change {
    payment.learn(Fact::OrderCancelled { cause })
}

/// A success that comes too late is given back by itself.
#[cure(late_capture_refunded, instead = crate::labs::keep_what_came_late)]
fn captured(payment: Payment, reference: String) -> Change {
    payment.learn(Fact::Captured { reference })
}
