//! Stores what changed of payments together with all that follows from it: the books, the refunds that are promised, the
//! events and the counters. One statement a table, in the transaction that holds the payments' locks.

use crate::{
    domain::{Change, Effect, Posting, State, capture_postings, refund_key, refund_postings},
    error::Error,
    metrics,
    state::App,
    store::{
        ledger::{self, Booking, Source},
        payments::{self, Stored},
        refunds::{self, NewRefund},
    },
};
use contracts::{Money, events::payment as events};
use service_kit::{Cause, Tx, cure};
use std::collections::BTreeMap;

/// One change of a payment.
#[derive(Clone, Debug)]
pub(super) struct Changed {
    /// As it is from now on.
    pub(super) stored: Stored,
    pub(super) from: State,
    effects: Vec<Effect>,
    pub(super) cause: Cause,
}

impl Changed {
    /// Lets `stored` become what the change says, which may be what it was.
    pub(super) fn of(stored: &mut Stored, Change { payment, effects }: Change, cause: Cause) -> Option<Self> {
        if payment == stored.payment {
            return None;
        }
        let from = std::mem::replace(&mut stored.payment, payment).state;
        stored.version += 1;
        Some(Self { stored: stored.clone(), from, effects, cause })
    }
}

/// What changed, in its order; of one payment there may be several.
pub(super) async fn record(app: &App, tx: &mut Tx, changed: Vec<Changed>) -> Result<(), Error> {
    let ends: BTreeMap<_, _> = changed.iter().map(|change| (change.stored.payment.id, &change.stored)).collect();
    payments::save(tx, &ends.into_values().collect::<Vec<_>>(), app.kit.clock.now()).await?;
    book_captures(tx, bookings(app, &changed, capture)).await?;
    ledger::book(tx, &bookings(app, &changed, given_back)).await?;
    let promised: Vec<_> = changed.iter().flat_map(|change| promised_refunds(app, change)).collect();
    refunds::insert(tx, &promised, app.kit.clock.now()).await?;
    if !promised.is_empty() {
        tx.wake_after_commit(&app.refunds_due);
    }
    for change in &changed {
        tell(app, tx, change)?;
    }
    Ok(())
}

/// Money that moved is in the books, in the same transaction.
#[cure(capture_booked, skip)]
#[cure(both_sides_booked, spoil = crate::labs::a_cent_goes_missing)]
async fn book_captures(tx: &mut Tx, captures: Vec<Booking>) -> Result<(), Error> {
    Ok(ledger::book(tx, &captures).await?)
}

type Postings = (Source, [Posting; 2]);

fn bookings(app: &App, changed: &[Changed], of: impl Fn(&Changed, &Effect) -> Option<Postings>) -> Vec<Booking> {
    let mut bookings = Vec::new();
    for change in changed {
        let payment = &change.stored.payment;
        for (source, postings) in change.effects.iter().filter_map(|effect| of(change, effect)) {
            bookings.push(Booking {
                id: app.kit.clock.new_id(),
                source,
                payment_id: payment.id,
                order_id: payment.order_id,
                currency: payment.total.currency,
                postings,
                at: app.kit.clock.now(),
            });
        }
    }
    bookings
}

fn capture(change: &Changed, effect: &Effect) -> Option<Postings> {
    let Effect::BookCapture { amount } = effect else { return None };
    Some((Source::Capture(change.stored.payment.id), capture_postings(*amount)))
}

fn given_back(_: &Changed, effect: &Effect) -> Option<Postings> {
    let Effect::BookRefund { refund, amount } = effect else { return None };
    Some((Source::Refund(*refund), refund_postings(*amount)))
}

fn promised_refunds(app: &App, change: &Changed) -> Vec<NewRefund> {
    let Stored { payment, origin, .. } = &change.stored;
    let promised = change.effects.iter().filter_map(|effect| match effect {
        Effect::RequestRefund { amount, cause } => Some((*amount, *cause)),
        _ => None,
    });
    let refund = |(amount, cause)| NewRefund {
        id: app.kit.clock.new_id(),
        payment_id: payment.id,
        order_id: payment.order_id,
        cause,
        amount: Money::new(amount, payment.total.currency),
        provider_key: refund_key(payment.order_id, cause),
        correlation_id: origin.correlation_id,
        traceparent: change.cause.traceparent.clone(),
    };
    promised.map(refund).collect()
}

/// By events and counters.
fn tell(app: &App, tx: &mut Tx, change: &Changed) -> Result<(), Error> {
    let Changed { stored, from, effects, cause } = change;
    let payment = &stored.payment;
    if payment.state != *from {
        metrics::settled(tx, &payment.state, payment.total);
    }
    let (payment_id, order_id, customer_id) = (payment.id, payment.order_id, payment.customer_id);
    let money = |amount| Money::new(amount, payment.total.currency);
    for effect in effects {
        match *effect {
            Effect::AnnounceCompleted { amount } => {
                let (amount, method) = (money(amount), payment.method.clone().unwrap_or_default());
                let completed = events::Completed { payment_id, order_id, customer_id, amount, method };
                app.kit.announce(tx, cause, stored.version, completed)?;
            }
            Effect::AnnounceFailed { reason } => {
                let failed = events::Failed { payment_id, order_id, customer_id, reason };
                app.kit.announce(tx, cause, stored.version, failed)?;
            }
            Effect::AnnounceRefunded { refund, amount } => {
                let (refund_id, amount) = (refund, money(amount));
                let refunded = events::Refunded { payment_id, refund_id, order_id, customer_id, amount };
                app.kit.announce(tx, cause, stored.version, refunded)?;
                metrics::refunded(tx, amount);
            }
            Effect::BookCapture { .. } | Effect::BookRefund { .. } | Effect::RequestRefund { .. } => {}
        }
    }
    Ok(())
}
