//! What can go wrong in payment-service. Knows nothing of HTTP.

use contracts::{Money, OrderId, PaymentId, RefundId};
use service_kit::{Fault, Kind, KitError, Problem};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such payment")]
    NoSuchPayment,
    #[error("order {order_id} has the total {total}: a payment is of 0 to {most} minor units", most = Money::MOST)]
    ImpossibleTotal { order_id: OrderId, total: Money },
    #[error("payment {0} has vanished between two steps of its settling")]
    PaymentVanished(PaymentId),
    #[error("refund {refund_id} of payment {payment_id} would give back more than was promised")]
    OverRefund { payment_id: PaymentId, refund_id: RefundId },
    #[error("booking what the provider answered panicked")]
    Panicked,
    #[error(transparent)]
    Kit(#[from] KitError),
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self::Kit(cause.into())
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchPayment => "payment_not_found",
            Self::ImpossibleTotal { .. } => "impossible_total",
            Self::PaymentVanished(_) => "payment_vanished",
            Self::OverRefund { .. } => "over_refund",
            Self::Panicked => "booking_panicked",
            Self::Kit(cause) => cause.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchPayment => Kind::NotFound,
            Self::ImpossibleTotal { .. } | Self::PaymentVanished(_) | Self::OverRefund { .. } | Self::Panicked => {
                Kind::Internal
            }
            Self::Kit(cause) => cause.kind(),
        }
    }

    fn public(&self) -> String {
        match self {
            Self::NoSuchPayment => "There is no such payment.".to_owned(),
            Self::ImpossibleTotal { .. } | Self::PaymentVanished(_) | Self::OverRefund { .. } | Self::Panicked => {
                "Something went wrong on our side. It has been logged.".to_owned()
            }
            Self::Kit(cause) => cause.public(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use contracts::{Currency, Money, OrderId, PaymentId, RefundId};
    use service_kit::Fault;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    /// Every variant of the service's own, whose number is its place here: a new one does not compile until it is here too.
    fn own() -> Vec<Error> {
        let (payment_id, refund_id) = (PaymentId::from(Uuid::nil()), RefundId::from(Uuid::nil()));
        vec![
            Error::NoSuchPayment,
            Error::ImpossibleTotal { order_id: OrderId::from(Uuid::nil()), total: Money::new(-1, Currency::EUR) },
            Error::PaymentVanished(payment_id),
            Error::OverRefund { payment_id, refund_id },
            Error::Panicked,
        ]
    }

    fn place(error: &Error) -> Option<usize> {
        match error {
            Error::NoSuchPayment => Some(0),
            Error::ImpossibleTotal { .. } => Some(1),
            Error::PaymentVanished(_) => Some(2),
            Error::OverRefund { .. } => Some(3),
            Error::Panicked => Some(4),
            Error::Kit(_) => None,
        }
    }

    #[test]
    fn every_error_has_a_code_of_its_own() {
        let errors = own();
        assert_eq!(errors.iter().map(place).collect::<Vec<_>>(), (0..errors.len()).map(Some).collect::<Vec<_>>());
        let codes: BTreeSet<_> = errors.iter().map(Fault::code).collect();
        assert_eq!(codes.len(), errors.len(), "{codes:?}");
    }
}
