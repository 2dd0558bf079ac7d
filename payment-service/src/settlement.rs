//! The only way in which a payment changes: under its row lock, what was learned is put through the transition function,
//! and the payment, its books, its refunds and its events are stored together.

use crate::{
    Error,
    app::App,
    domain::{Change, Effect, Fact, Payment, capture_postings, refund_postings},
    metrics,
    store::{
        ledger::{self, Booking, Source},
        payments::{self, Stored},
        refunds::{self, Claimed, NewRefund},
    },
};
use contracts::{Money, events::payment as events};
use service_kit::{Cause, Tx, labs::cure, trace};

/// Learns `fact` of a payment whose lock `tx` holds.
pub(crate) async fn learn(app: &App, tx: &mut Tx, stored: Stored, fact: Fact) -> Result<(), Error> {
    let before = stored.payment.clone();
    let Change { payment, effects } = stored.payment.learn(fact);
    if payment == before {
        return Ok(());
    }
    tracing::info!(
        payment.id = %payment.id, order.id = %payment.order_id, from = before.state.as_str(),
        to = payment.state.as_str(), "a payment changed"
    );
    let version = payments::save(tx, &payment, app.kit.clock.now()).await?;
    if payment.state != before.state {
        metrics::settled(tx, &payment.state, payment.total);
    }
    for effect in effects {
        carry_out(app, tx, &payment, version, effect, stored.origin.correlation_id).await?;
    }
    Ok(())
}

async fn carry_out(
    app: &App,
    tx: &mut Tx,
    payment: &Payment,
    version: i64,
    effect: Effect,
    correlation_id: uuid::Uuid,
) -> Result<(), Error> {
    let now = app.kit.clock.now();
    let currency = payment.total.currency;
    match effect {
        Effect::BookCapture { amount } => {
            let booking = Booking {
                id: app.kit.clock.new_id(),
                source: Source::Capture(payment.id),
                payment_id: payment.id,
                order_id: payment.order_id,
                currency,
                postings: capture_postings(amount),
                at: now,
            };
            // Money that moved is in the books, in the same transaction.
            if cure("capture-booked") {
                ledger::book(tx, &booking).await?;
            }
        }
        Effect::AnnounceCompleted { amount } => {
            let completed = events::Completed {
                payment_id: payment.id,
                order_id: payment.order_id,
                customer_id: payment.customer_id,
                amount: Money::new(amount, currency),
                method: payment.method.clone().unwrap_or_default(),
            };
            app.kit.announce(tx, &Cause::current(), version, completed)?;
        }
        Effect::AnnounceFailed { reason } => {
            let failed = events::Failed {
                payment_id: payment.id,
                order_id: payment.order_id,
                customer_id: payment.customer_id,
                reason,
            };
            app.kit.announce(tx, &Cause::current(), version, failed)?;
        }
        Effect::RequestRefund { amount, cause } => {
            let refund = NewRefund {
                id: app.kit.clock.new_id(),
                payment_id: payment.id,
                order_id: payment.order_id,
                cause,
                amount: Money::new(amount, currency),
                correlation_id,
                traceparent: trace::current().traceparent,
            };
            refunds::insert(tx, &refund, now).await?;
            tx.wake_after_commit(&app.refunds_due);
        }
    }
    Ok(())
}

/// The provider has carried out a refund. Learning it again changes nothing.
pub(crate) async fn refunded(app: &App, tx: &mut Tx, refund: &Claimed, reference: &str) -> Result<(), Error> {
    let locked = payments::lock(tx, refund.payment_id).await?;
    let payment = locked.ok_or(Error::PaymentVanished(refund.payment_id))?.payment;
    let now = app.kit.clock.now();
    if !refunds::complete(tx, refund.id, reference, now).await? {
        return Ok(());
    }
    let over = |_| Error::OverRefund { payment_id: refund.payment_id, refund_id: refund.id };
    let payment = payment.give_back(refund.amount.amount).map_err(over)?;
    let version = payments::save(tx, &payment, now).await?;
    let booking = Booking {
        id: app.kit.clock.new_id(),
        source: Source::Refund(refund.id),
        payment_id: payment.id,
        order_id: payment.order_id,
        currency: refund.amount.currency,
        postings: refund_postings(refund.amount.amount),
        at: now,
    };
    ledger::book(tx, &booking).await?;
    let event = events::Refunded {
        payment_id: payment.id,
        refund_id: refund.id,
        order_id: payment.order_id,
        customer_id: payment.customer_id,
        amount: refund.amount,
    };
    app.kit.announce(tx, &Cause::current(), version, event)?;
    metrics::refunded(tx, refund.amount);
    tracing::info!(payment.id = %payment.id, order.id = %payment.order_id, refund.id = %refund.id, "refunded");
    Ok(())
}
