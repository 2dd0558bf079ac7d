//! What an order tells of itself is what it told before: a payment is of one customer, one amount and one currency.

use crate::{domain::Payment, error::Error};
use contracts::{AccountId, Money, OrderId};
use service_kit::{KitError, agreement::agree};

pub(crate) fn agree_on_order(payment: &Payment, customer: AccountId, total: Money) -> Result<(), KitError> {
    agree("customer", customer, payment.customer_id)?;
    agree("total", total, payment.total)
}

/// Nobody owes less than nothing, or more than can be told exactly.
pub(crate) fn possible(order_id: OrderId, total: Money) -> Result<(), Error> {
    if (0..=Money::MOST).contains(&total.amount) { Ok(()) } else { Err(Error::ImpossibleTotal { order_id, total }) }
}
