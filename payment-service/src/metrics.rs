//! What payment-service counts: payments by outcome, money, calls to the provider, and what waits.

use crate::{
    domain::{State, reason_text},
    store::backlog,
};
use contracts::{Money, ServiceName, events::payment::FailureReason};
use metrics::{counter, gauge, histogram};
use service_kit::{
    Tx,
    metrics::{Label, Metric, Reading, age, describe, number},
};
use sqlx::PgConnection;
use std::time::Duration;
use time::OffsetDateTime;

pub const METRICS: &[Metric] = &[
    Metric::counter("payments_total", "Payments that came to an outcome.")
        .by(&[Label::of("outcome", &["captured", "declined", "unknown_method", "unavailable", "other", "cancelled"])]),
    Metric::counter("payments_captured_minor_units_total", "Money captured, in minor units.")
        .by(&[Label::any("currency")]),
    Metric::counter("refunds_total", "Refunds the provider has carried out."),
    Metric::counter("refunds_minor_units_total", "Money given back by the provider, in minor units.")
        .by(&[Label::any("currency")]),
    Metric::counter(
        "provider_calls_total",
        "Calls to the payment provider; unclear is no answer, or none that makes sense.",
    )
    .by(&[Label::any("call"), Label::of("outcome", &["clear", "unclear"])]),
    Metric::duration("provider_call_duration_seconds", "From a call to the provider to its whole answer.")
        .by(&[Label::any("call")]),
    Metric::gauge("payments_open", "Payments without an outcome, counted up to 10,000 together.")
        .by(&[Label::of("status", &["created", "unknown"])]),
    Metric::age("payments_oldest_age_seconds", "Since the oldest payment in that status began; 0 when there is none.")
        .by(&[Label::of("status", &["created", "unknown"])]),
    Metric::gauge("refunds_open", "Refunds not carried out yet; counted up to 10,000."),
    Metric::age("refunds_oldest_age_seconds", "Since the oldest open refund was asked for; 0 when there is none."),
];

const SERVICE: &str = ServiceName::Payment.as_str();
/// Every outcome there can be, in the words of `payments_total`.
const REASONS: [FailureReason; 4] =
    [FailureReason::Declined, FailureReason::UnknownMethod, FailureReason::Unavailable, FailureReason::Other];

/// Tells what they mean, and has a 0 on the page before the first: an increase from nothing is seen by nobody.
pub(crate) fn start() {
    describe(METRICS);
    for outcome in ["captured", "cancelled"].into_iter().chain(REASONS.map(reason_text)) {
        counter!("payments_total", "service" => SERVICE, "outcome" => outcome).increment(0);
    }
    counter!("refunds_total", "service" => SERVICE).increment(0);
    for call in ["charge", "find charge", "abandon charge", "refund", "find refund"] {
        for outcome in ["clear", "unclear"] {
            provider_calls(call, outcome).increment(0);
        }
    }
}

/// A payment has come to `state`.
pub(crate) fn settled(tx: &mut Tx, state: &State, total: Money) {
    let outcome = match state {
        State::Created | State::Unknown => return,
        State::Captured { amount, .. } => {
            let currency = total.currency.code();
            let money = counter!("payments_captured_minor_units_total", "service" => SERVICE, "currency" => currency);
            tx.count_after_commit(money, amount.unsigned_abs());
            "captured"
        }
        State::Failed { reason } => reason_text(*reason),
        State::Cancelled => "cancelled",
    };
    tx.count_after_commit(counter!("payments_total", "service" => SERVICE, "outcome" => outcome), 1);
}

pub(crate) fn refunded(tx: &mut Tx, amount: Money) {
    let currency = amount.currency.code();
    tx.count_after_commit(counter!("refunds_total", "service" => SERVICE), 1);
    let money = counter!("refunds_minor_units_total", "service" => SERVICE, "currency" => currency);
    tx.count_after_commit(money, amount.amount.unsigned_abs());
}

pub(crate) fn provider_called(call: &'static str, clear: bool, took: Duration) {
    provider_calls(call, if clear { "clear" } else { "unclear" }).increment(1);
    histogram!("provider_call_duration_seconds", "service" => SERVICE, "call" => call).record(took);
}

fn provider_calls(call: &'static str, outcome: &'static str) -> metrics::Counter {
    counter!("provider_calls_total", "service" => SERVICE, "call" => call, "outcome" => outcome)
}

/// What waits: the gauges of this service.
pub(crate) fn sample(connection: &mut PgConnection, now: OffsetDateTime) -> Reading<'_> {
    Box::pin(async move {
        let open = backlog::read(connection).await?;
        let states = [("created", open.created, open.oldest_created), ("unknown", open.unknown, open.oldest_unknown)];
        for (status, payments, oldest) in states {
            gauge!("payments_open", "service" => SERVICE, "status" => status).set(number(payments));
            gauge!("payments_oldest_age_seconds", "service" => SERVICE, "status" => status).set(age(oldest, now));
        }
        gauge!("refunds_open", "service" => SERVICE).set(number(open.refunds));
        gauge!("refunds_oldest_age_seconds", "service" => SERVICE).set(age(open.oldest_refund, now));
        Ok(())
    })
}
