//! Where an order stands. Each state holds what is true in it; a transition consumes it.

use contracts::{PaymentId, api::order::OrderStatus, events::order::CancelReason};
use time::OffsetDateTime;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Stock is reserved, the payment is under way.
    Pending {
        deadline: OffsetDateTime,
    },
    Paid {
        payment: PaymentId,
        at: OffsetDateTime,
    },
    Fulfilled {
        payment: PaymentId,
        paid_at: OffsetDateTime,
        at: OffsetDateTime,
    },
    Cancelled {
        reason: CancelReason,
        at: OffsetDateTime,
        paid: Option<(PaymentId, OffsetDateTime)>,
    },
}

/// A change that the order's status does not allow.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("An order that is {} cannot be {change}.", status.as_str())]
pub struct WrongStatus {
    status: OrderStatus,
    change: &'static str,
}

impl Status {
    pub fn name(self) -> OrderStatus {
        match self {
            Self::Pending { .. } => OrderStatus::Pending,
            Self::Paid { .. } => OrderStatus::Paid,
            Self::Fulfilled { .. } => OrderStatus::Fulfilled,
            Self::Cancelled { .. } => OrderStatus::Cancelled,
        }
    }

    /// The payment that paid it, where one did.
    pub fn payment(self) -> Option<PaymentId> {
        match self {
            Self::Pending { .. } => None,
            Self::Paid { payment, .. } | Self::Fulfilled { payment, .. } => Some(payment),
            Self::Cancelled { paid, .. } => paid.map(|(payment, _)| payment),
        }
    }

    pub fn pay(self, payment: PaymentId, at: OffsetDateTime) -> Result<Self, WrongStatus> {
        match self {
            Self::Pending { .. } => Ok(Self::Paid { payment, at }),
            _ => Err(self.refuse("paid")),
        }
    }

    pub fn fulfil(self, at: OffsetDateTime) -> Result<Self, WrongStatus> {
        match self {
            Self::Paid { payment, at: paid_at } => Ok(Self::Fulfilled { payment, paid_at, at }),
            _ => Err(self.refuse("fulfilled")),
        }
    }

    pub fn cancel(self, reason: CancelReason, at: OffsetDateTime) -> Result<Self, WrongStatus> {
        match self {
            Self::Pending { .. } => Ok(Self::Cancelled { reason, at, paid: None }),
            Self::Paid { payment, at: paid_at } => Ok(Self::Cancelled { reason, at, paid: Some((payment, paid_at)) }),
            Self::Fulfilled { .. } | Self::Cancelled { .. } => Err(self.refuse("cancelled")),
        }
    }

    /// The deadline passed while the order still waits for its payment.
    pub fn is_overdue(self, now: OffsetDateTime) -> bool {
        matches!(self, Self::Pending { deadline } if deadline <= now)
    }

    fn refuse(self, change: &'static str) -> WrongStatus {
        WrongStatus { status: self.name(), change }
    }
}

#[cfg(test)]
mod tests {
    use super::Status;
    use contracts::{api::order::OrderStatus, events::order::CancelReason};
    use proptest::prelude::*;
    use time::{Duration, OffsetDateTime};
    use uuid::Uuid;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[derive(Clone, Copy, Debug)]
    enum Change {
        Pay,
        Fulfil,
        Cancel,
    }

    fn apply(status: Status, change: Change, at: OffsetDateTime) -> Option<Status> {
        match change {
            Change::Pay => status.pay(Uuid::nil().into(), at).ok(),
            Change::Fulfil => status.fulfil(at).ok(),
            Change::Cancel => status.cancel(CancelReason::Requested, at).ok(),
        }
    }

    proptest! {
        #[test]
        fn whatever_is_tried_an_order_takes_only_allowed_steps(
            changes in proptest::collection::vec(
                prop_oneof![Just(Change::Pay), Just(Change::Fulfil), Just(Change::Cancel)], 0..12)
        ) {
            let mut status = Status::Pending { deadline: START };
            for (step, change) in changes.into_iter().enumerate() {
                let at = START + Duration::seconds(i64::try_from(step).unwrap());
                let Some(next) = apply(status, change, at) else { continue };
                let allowed = matches!(
                    (status.name(), next.name()),
                    (OrderStatus::Pending, OrderStatus::Paid | OrderStatus::Cancelled)
                        | (OrderStatus::Paid, OrderStatus::Fulfilled | OrderStatus::Cancelled)
                );
                prop_assert!(allowed, "{status:?} to {next:?}");
                status = next;
            }
        }
    }

    #[test]
    fn a_fulfilled_order_cannot_be_cancelled() {
        let pending = Status::Pending { deadline: START };
        let fulfilled = pending.pay(Uuid::nil().into(), START).unwrap().fulfil(START).unwrap();
        let refused = fulfilled.cancel(CancelReason::Requested, START).unwrap_err();
        assert_eq!(refused.to_string(), "An order that is fulfilled cannot be cancelled.");
    }

    #[test]
    fn only_a_pending_order_can_be_overdue() {
        let pending = Status::Pending { deadline: START };
        assert!(pending.is_overdue(START));
        assert!(!pending.is_overdue(START - Duration::seconds(1)));
        assert!(!pending.pay(Uuid::nil().into(), START).unwrap().is_overdue(START));
    }
}
