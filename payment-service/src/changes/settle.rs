//! The provider was asked about charges: what it said is learned, and who got no clear answer asks again later.

use super::{
    again,
    learn::{Learned, learn},
};
use crate::{
    domain::{Fact, Step},
    error::Error,
    state::App,
    store::payments::{self, PutOff, Stored},
};
use contracts::PaymentId;
use service_kit::{Cause, Tx};
use std::collections::HashMap;

/// What an answer of the provider comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Fact(Fact),
    /// Nothing was taken so far.
    NoCharge,
    /// The money may have moved, or not; `trouble` is for operators.
    Nothing {
        trouble: String,
    },
}

/// What was told of one payment.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) payment: PaymentId,
    pub(crate) told: Told,
    pub(crate) cause: Cause,
}

/// Gives for each what is to be said to the provider at once, if anything.
pub(crate) async fn settle(app: &App, tx: &mut Tx, answered: Vec<Answered>) -> Result<Vec<Option<Step>>, Error> {
    let ids: Vec<_> = answered.iter().map(|one| one.payment).collect();
    let locked = payments::lock(tx, &ids).await?;
    let by_id: HashMap<PaymentId, &Stored> = locked.iter().map(|stored| (stored.payment.id, stored)).collect();
    let now = app.kit.clock.now();
    let (mut next, mut learned, mut put_off) = (Vec::new(), Vec::new(), Vec::new());
    for Answered { payment: id, told, cause } in answered {
        let stored = by_id.get(&id).ok_or(Error::PaymentVanished(id))?;
        let mut step = None;
        match told {
            Told::Fact(fact) => learned.push(Learned { payment: id, fact, cause }),
            Told::NoCharge => step = stored.payment.step_without_charge(now),
            Told::Nothing { trouble } => {
                tracing::warn!(
                    payment.id = %id, attempts = stored.attempts, error.message = trouble, trace.id = cause.trace_id(),
                    "no clear answer; it will be asked"
                );
                put_off.push(PutOff { id, next_at: again::after(stored.attempts, now), trouble });
            }
        }
        next.push(step);
    }
    payments::put_off(tx, &put_off).await?;
    learn(app, tx, locked, learned).await?;
    Ok(next)
}
