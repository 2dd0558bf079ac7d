use super::{Effect, Order, RefundError};
use crate::domain::status::Status;
use contracts::{
    Currency, Money,
    api::order::OrderStatus,
    events::{order::CancelReason, payment::FailureReason},
};
use time::OffsetDateTime;
use uuid::Uuid;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn pending() -> Order {
    let total = Money::new(3998, Currency::EUR);
    Order {
        id: Uuid::from_u128(1).into(),
        number: 1001,
        customer_id: Uuid::from_u128(2).into(),
        checkout_id: Uuid::from_u128(3).into(),
        total,
        refunded: Money::zero(Currency::EUR),
        status: Status::Pending { deadline: NOW },
        version: 1,
    }
}

fn pay(order: Order) -> super::Change {
    order.pay(Uuid::from_u128(4).into(), NOW)
}

#[test]
fn a_payment_pays_a_pending_order_once() {
    let paid = pay(pending());
    assert_eq!((paid.from, paid.order.status.name()), (Some(OrderStatus::Pending), OrderStatus::Paid));
    assert_eq!(paid.order.version, 2);
    assert_eq!(paid.effect, Effect::Paid(pending().paid()));
    let again = pay(paid.order.clone());
    assert_eq!((again.what.as_ref(), again.effect, again.order), ("paid already", Effect::None, paid.order));
}

#[test]
fn a_payment_that_comes_too_late_changes_nothing() {
    let cancelled = pending().cancel(CancelReason::Requested, "cancelled on request", NOW).unwrap().order;
    let late = pay(cancelled.clone());
    assert_eq!(late.what, "a payment came too late and is refunded");
    assert_eq!((late.effect, late.order), (Effect::None, cancelled));
}

#[test]
fn a_cancellation_tells_whether_money_goes_back() {
    for (order, was_paid) in [(pending(), false), (pay(pending()).order, true)] {
        let change = order.cancel(CancelReason::Requested, "cancelled on request", NOW).unwrap();
        let Effect::Cancelled(told) = change.effect else { panic!("nothing is told") };
        assert_eq!(told.was_paid, was_paid);
    }
}

#[test]
fn a_failed_payment_cancels_only_what_waits_for_it() {
    for (reason, wanted) in [
        (FailureReason::Unavailable, CancelReason::PaymentOverdue),
        (FailureReason::Declined, CancelReason::PaymentDeclined),
    ] {
        let Effect::Cancelled(told) = pending().payment_failed(reason, NOW).effect else { panic!("nothing is told") };
        assert_eq!(told.reason, wanted);
    }
    let paid = pay(pending()).order;
    let heard = paid.clone().payment_failed(FailureReason::Declined, NOW);
    assert_eq!((heard.effect, heard.order), (Effect::None, paid));
}

#[test]
fn no_more_goes_back_than_is_left() {
    let refund = |order: Order, amount| order.refund(Uuid::from_u128(5).into(), Money::new(amount, Currency::EUR));
    let some = refund(pending(), 1000).unwrap().order;
    assert_eq!((some.refunded.amount, some.version), (1000, 2));
    let left = Money::new(2998, Currency::EUR);
    assert_eq!(refund(some.clone(), 2999).unwrap_err(), RefundError::NotOfWhatIsLeft { left });
    assert_eq!(refund(some, 2998).unwrap().order.refunded.amount, 3998);
    for wrong in [0, -1, i64::MIN, i64::MAX] {
        assert!(refund(pending(), wrong).is_err(), "{wrong}");
    }
}
