//! The subscription table.

mod order_cancelled;
mod order_created;

use crate::{Error, app::App, domain::Payment};
use contracts::{AccountId, Money, OrderId, ServiceName};
use service_kit::{KitError, Subscriptions, agreement::agree};

/// What an order tells of itself is what it told before: a payment is of one customer, one amount and one currency.
fn agree_on_order(payment: &Payment, customer: AccountId, total: Money) -> Result<(), KitError> {
    agree("customer", customer, payment.customer_id)?;
    agree("total", total, payment.total)
}

/// Nobody owes less than nothing, or more than can be told exactly.
fn possible(order_id: OrderId, total: Money) -> Result<(), Error> {
    if (0..=Money::MOST).contains(&total.amount) { Ok(()) } else { Err(Error::ImpossibleTotal { order_id, total }) }
}

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Payment).on_one(order_created::react).on_one(order_cancelled::react)
}
