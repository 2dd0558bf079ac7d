//! An order and every way in which it changes. A change holds the order as it is afterwards, what its history says of it,
//! and what has to be done besides storing it.

use super::status::{Status, WrongStatus};
use contracts::{
    AccountId, CheckoutId, Money, MoneyError, OrderId, PaymentId, RefundId,
    api::order::OrderStatus,
    events::{
        order::{CancelReason, Cancelled, Created, Fulfilled, Paid},
        payment::FailureReason,
    },
};
use std::borrow::Cow;
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) number: i64,
    pub(crate) customer_id: AccountId,
    pub(crate) checkout_id: CheckoutId,
    pub(crate) total: Money,
    pub(crate) refunded: Money,
    pub(crate) status: Status,
    /// Counts its changes, and numbers its events.
    pub(crate) version: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    /// Afterwards.
    pub(crate) order: Order,
    /// Where it stood before; none for one that was placed.
    pub(crate) from: Option<OrderStatus>,
    /// For its history.
    pub(crate) what: Cow<'static, str>,
    pub(crate) effect: Effect,
}

/// What has to be done besides the line in the history, in the same transaction.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Nothing: something was learned that changes nothing.
    None,
    Placed(Created),
    Paid(Paid),
    Cancelled(Cancelled),
    Fulfilled(Fulfilled),
    Refunded {
        refund_id: RefundId,
        amount: Money,
    },
}

/// Why an amount cannot have gone back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RefundError {
    #[error("that up to {left} can go back")]
    NotOfWhatIsLeft { left: Money },
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Order {
    /// Stock is reserved, and `created` tells of it.
    pub(crate) fn placed(created: Created, deadline: OffsetDateTime) -> Change {
        let order = Self {
            id: created.order_id,
            number: created.number,
            customer_id: created.customer_id,
            checkout_id: created.checkout_id,
            total: created.total,
            refunded: Money::zero(created.total.currency),
            status: Status::Pending { deadline },
            version: 1,
        };
        let effect = Effect::Placed(created);
        Change { order, from: None, what: "placed; stock is reserved".into(), effect }
    }

    /// The money is there. A success that comes too late changes nothing: payment-service had order.cancelled as well and
    /// refunds by itself.
    pub(crate) fn pay(self, payment: PaymentId, at: OffsetDateTime) -> Change {
        match self.status.pay(payment, at) {
            Ok(status) => {
                let told = Effect::Paid(self.paid());
                self.changed(status, "paid", told)
            }
            Err(_) if matches!(self.status, Status::Cancelled { .. }) => {
                self.noted("a payment came too late and is refunded")
            }
            Err(_) => self.noted("paid already"),
        }
    }

    /// There will be no money.
    pub(crate) fn payment_failed(self, reason: FailureReason, at: OffsetDateTime) -> Change {
        if !matches!(self.status, Status::Pending { .. }) {
            return self.noted("learned that the payment failed");
        }
        let (reason, what) = match reason {
            FailureReason::Unavailable => (CancelReason::PaymentOverdue, "cancelled: the payment could not be made"),
            _ => (CancelReason::PaymentDeclined, "cancelled: the payment was declined"),
        };
        let status = Status::Cancelled { reason, at, paid: None };
        let told = Effect::Cancelled(self.cancelled(reason));
        self.changed(status, what, told)
    }

    pub(crate) fn cancel(
        self,
        reason: CancelReason,
        what: &'static str,
        at: OffsetDateTime,
    ) -> Result<Change, WrongStatus> {
        let status = self.status.cancel(reason, at)?;
        let told = Effect::Cancelled(self.cancelled(reason));
        Ok(self.changed(status, what, told))
    }

    pub(crate) fn fulfil(self, at: OffsetDateTime) -> Result<Change, WrongStatus> {
        let status = self.status.fulfil(at)?;
        let told = Effect::Fulfilled(self.fulfilled());
        Ok(self.changed(status, "fulfilled by staff", told))
    }

    /// Money went back.
    pub(crate) fn refund(mut self, refund_id: RefundId, amount: Money) -> Result<Change, RefundError> {
        let left = self.total.minus(self.refunded)?;
        if amount.currency != left.currency || !(1..=left.amount).contains(&amount.amount) {
            return Err(RefundError::NotOfWhatIsLeft { left });
        }
        self.refunded = self.refunded.plus(amount)?;
        let status = self.status;
        Ok(self.changed(status, format!("{amount} refunded"), Effect::Refunded { refund_id, amount }))
    }

    fn changed(mut self, status: Status, what: impl Into<Cow<'static, str>>, effect: Effect) -> Change {
        let from = Some(self.status.name());
        self.status = status;
        self.version += 1;
        Change { order: self, from, what: what.into(), effect }
    }

    fn noted(self, what: &'static str) -> Change {
        Change { from: Some(self.status.name()), order: self, what: what.into(), effect: Effect::None }
    }

    /// What is told of it as it is paid.
    pub(crate) fn paid(&self) -> Paid {
        let Self { id: order_id, customer_id, number, checkout_id, total, .. } = *self;
        Paid { order_id, customer_id, number, checkout_id, total }
    }

    /// What is told of it as it is cancelled, by how it stands before.
    pub(crate) fn cancelled(&self, reason: CancelReason) -> Cancelled {
        let Self { id: order_id, customer_id, number, checkout_id, total, .. } = *self;
        let was_paid = self.status.name() == OrderStatus::Paid;
        Cancelled { order_id, customer_id, number, checkout_id, total, reason, was_paid }
    }

    /// What is told of it as it leaves the warehouse.
    pub(crate) fn fulfilled(&self) -> Fulfilled {
        let Self { id: order_id, customer_id, number, checkout_id, .. } = *self;
        Fulfilled { order_id, customer_id, number, checkout_id }
    }
}

#[cfg(test)]
mod tests;
