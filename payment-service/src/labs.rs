//! This service's mistakes, one per cure. Only in builds with the feature `labs`; switched on by `ECOM_FAULTS=off:…`.

use crate::{
    domain::{Change, Effect, Fact, Payment, Step, charge_key},
    error::Error,
    jobs::side_by_side::{About, Heard},
    provider::{ChargeAnswer, ChargeOrder, Provider, RefundOrder},
    state::App,
    store::ledger::Booking,
};
use contracts::{EventId, RefundId, events::payment::FailureReason};
use service_kit::{Clock, Tx};
use time::Duration;

service_kit::cures! {
    ChargeKeyKept: "charge-key-kept" = "every attempt charges under a key of its own",
    ChargeTheTotal: "charge-the-total" = "a cent less than the order's total is charged",
    UnknownIsAsked: "unknown-is-asked" = "no answer counts as a refusal",
    LateCaptureRefunded: "late-capture-refunded" = "money that comes too late is kept",
    RefundOnCancel: "refund-on-cancel" = "who cancels a paid order gets nothing back",
    RefundKeyKept: "refund-key-kept" = "every attempt refunds under a key of its own",
    CaptureBooked: "capture-booked" = "money that was taken is not in the books",
    BothSidesBooked: "both-sides-booked" = "a cent of a capture goes missing between its two sides",
    OddOneAlone: "odd-one-alone" = "what cannot be booked takes its batch along",
    Tombstone: "tombstone" = "a cancellation that comes first leaves no trace: the order behind it is charged",
}

pub(crate) fn key_of_this_attempt(
    provider: &Provider,
    step: Step,
    order: ChargeOrder,
) -> (&Provider, Step, ChargeOrder) {
    (provider, step, ChargeOrder { key: charge_key(Clock::system().new_id()), ..order })
}

pub(crate) fn a_cent_less(provider: &Provider, step: Step, mut order: ChargeOrder) -> (&Provider, Step, ChargeOrder) {
    order.amount.amount -= 1;
    (provider, step, order)
}

pub(crate) fn silence_is_a_no(answer: ChargeAnswer) -> (ChargeAnswer,) {
    match answer {
        ChargeAnswer::Unclear { .. } => (ChargeAnswer::Declined { reason: FailureReason::Declined },),
        clear => (clear,),
    }
}

pub(crate) fn keep_what_came_late(payment: Payment, reference: String) -> Change {
    without_refund(payment, Fact::Captured { reference })
}

pub(crate) fn keep_what_was_paid(payment: Payment, cause: EventId) -> Change {
    without_refund(payment, Fact::OrderCancelled { cause })
}

fn without_refund(payment: Payment, fact: Fact) -> Change {
    let promised_before = payment.refunds_requested;
    let mut change = payment.learn(fact);
    change.effects.retain(|effect| !matches!(effect, Effect::RequestRefund { .. }));
    change.payment.refunds_requested = promised_before;
    change
}

pub(crate) fn a_cent_goes_missing(tx: &mut Tx, mut captures: Vec<Booking>) -> (&mut Tx, Vec<Booking>) {
    captures.iter_mut().for_each(|capture| capture.postings[0].amount -= 1);
    (tx, captures)
}

/// What was answered counts as dealt with, booked or not.
pub(crate) async fn the_batch_goes_along<R, S, A>(
    app: &App,
    heard: &mut [Heard<R, A>],
    about: &About<R, S, A>,
) -> (Vec<Option<S>>, Result<(), Error>) {
    let booked = (about.book)(app, heard).await;
    if booked.is_err() {
        for one in heard {
            // Not looked at again before tomorrow.
            let _ = (about.put_aside)(app, &one.talk.row, app.kit.clock.now() + Duration::DAY, String::new()).await;
        }
    }
    (booked.unwrap_or_default(), Ok(()))
}

pub(crate) fn refund_key_of_this_attempt(
    provider: &Provider,
    order: RefundOrder,
    sent_before: bool,
) -> (&Provider, RefundOrder, bool) {
    (provider, RefundOrder { key: Clock::system().new_id::<RefundId>().to_string(), ..order }, sent_before)
}
