//! What an order tells of itself is what it told before: a payment is of one customer, one amount and one currency.

use crate::{domain::Payment, error::Error};
use contracts::{AccountId, Money, OrderId};
use service_kit::{KitError, Tx, agreement::agree, personal_data};
use std::collections::HashMap;

/// Guests among customers, and which accounts they became. Who ordered as a guest may have an account by now, and one of the
/// two services may not know yet.
#[derive(Default)]
pub(crate) struct Joined(HashMap<AccountId, AccountId>);

impl Joined {
    /// Asked for only where who is told of is another one than who is stored.
    pub(crate) async fn of(tx: &mut Tx, told: impl Iterator<Item = (AccountId, AccountId)>) -> Result<Self, KitError> {
        let differing: Vec<_> =
            told.filter(|(told, stored)| told != stored).flat_map(|(told, stored)| [told, stored]).collect();
        if differing.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self(personal_data::joined(tx, &differing).await?))
    }

    fn became(&self, customer: AccountId) -> AccountId {
        self.0.get(&customer).copied().unwrap_or(customer)
    }
}

pub(crate) fn agree_on_order(
    payment: &Payment,
    (customer, total): (AccountId, Money),
    joined: &Joined,
) -> Result<(), KitError> {
    agree("customer", joined.became(customer), joined.became(payment.customer_id))?;
    agree("total", total, payment.total)
}

/// Nobody owes less than nothing, or more than can be told exactly.
pub(crate) fn possible(order_id: OrderId, total: Money) -> Result<(), Error> {
    if (0..=Money::MOST).contains(&total.amount) { Ok(()) } else { Err(Error::ImpossibleTotal { order_id, total }) }
}
