//! What order-service counts: orders by what becomes of them, and what waits. Counted when it is committed.

use crate::{
    domain::{REASONS, reason_name},
    store::backlog,
};
use contracts::{Money, ServiceName, events::order::CancelReason};
use metrics::{counter, gauge};
use service_kit::{
    Tx,
    metrics::{Label, Metric, Reading, age, describe, number},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

pub const METRICS: &[Metric] = &[
    Metric::counter("orders_placed_total", "Orders placed.").by(&[Label::any("currency")]),
    Metric::counter("order_units_placed_total", "Pieces in the orders placed."),
    Metric::counter("orders_paid_total", "Orders paid.").by(&[Label::any("currency")]),
    Metric::counter("order_revenue_minor_units_total", "Totals of the orders paid, in minor units.")
        .by(&[Label::any("currency")]),
    Metric::counter("orders_fulfilled_total", "Orders that left the warehouse."),
    Metric::counter("orders_cancelled_total", "Orders cancelled.").by(&[Label::of(
        "reason",
        &["requested", "payment_declined", "payment_overdue", "reservation_expired", "other"],
    )]),
    Metric::counter("order_refunded_minor_units_total", "Money given back, in minor units.")
        .by(&[Label::any("currency")]),
    Metric::gauge("orders_in_status", "Orders that wait, counted up to 10,000 each.")
        .by(&[Label::of("status", &["pending", "paid"])]),
    Metric::age("orders_oldest_age_seconds", "Since the oldest order in that status was placed; 0 when there is none.")
        .by(&[Label::of("status", &["pending", "paid"])]),
    Metric::gauge("orders_overdue", "Pending orders past their payment deadline; counted up to 10,000."),
    Metric::age("orders_overdue_seconds", "How long the most overdue pending order is past its deadline; else 0."),
];

const SERVICE: &str = ServiceName::Order.as_str();

/// Tells what they mean, and has a 0 on the page before the first: an increase from nothing is seen by nobody.
pub(crate) fn start() {
    describe(METRICS);
    for reason in REASONS {
        counter!("orders_cancelled_total", "service" => SERVICE, "reason" => reason_name(reason)).increment(0);
    }
    counter!("orders_fulfilled_total", "service" => SERVICE).increment(0);
    counter!("order_units_placed_total", "service" => SERVICE).increment(0);
}

pub(crate) fn placed(tx: &mut Tx, total: Money, units: u64) {
    let currency = total.currency.code();
    tx.count_after_commit(counter!("orders_placed_total", "service" => SERVICE, "currency" => currency), 1);
    tx.count_after_commit(counter!("order_units_placed_total", "service" => SERVICE), units);
}

pub(crate) fn paid(tx: &mut Tx, total: Money) {
    let currency = total.currency.code();
    tx.count_after_commit(counter!("orders_paid_total", "service" => SERVICE, "currency" => currency), 1);
    let revenue = counter!("order_revenue_minor_units_total", "service" => SERVICE, "currency" => currency);
    tx.count_after_commit(revenue, total.amount.unsigned_abs());
}

pub(crate) fn fulfilled(tx: &mut Tx) {
    tx.count_after_commit(counter!("orders_fulfilled_total", "service" => SERVICE), 1);
}

pub(crate) fn cancelled(tx: &mut Tx, reason: CancelReason) {
    let reason = reason_name(reason);
    tx.count_after_commit(counter!("orders_cancelled_total", "service" => SERVICE, "reason" => reason), 1);
}

pub(crate) fn refunded(tx: &mut Tx, amount: Money) {
    let currency = amount.currency.code();
    let refunded = counter!("order_refunded_minor_units_total", "service" => SERVICE, "currency" => currency);
    tx.count_after_commit(refunded, amount.amount.unsigned_abs());
}

/// What waits: the gauges of this service.
pub(crate) fn sample(connection: &mut PgConnection, now: OffsetDateTime) -> Reading<'_> {
    Box::pin(async move {
        let backlog = backlog::read(connection, now).await?;
        let states =
            [("pending", backlog.pending, backlog.oldest_pending), ("paid", backlog.paid, backlog.oldest_paid)];
        for (status, orders, oldest) in states {
            gauge!("orders_in_status", "service" => SERVICE, "status" => status).set(number(orders));
            gauge!("orders_oldest_age_seconds", "service" => SERVICE, "status" => status).set(age(oldest, now));
        }
        gauge!("orders_overdue", "service" => SERVICE).set(number(backlog.overdue));
        gauge!("orders_overdue_seconds", "service" => SERVICE).set(age(backlog.first_deadline, now));
        Ok(())
    })
}
