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
    #[error("refund {0} has vanished between two steps of its settling")]
    RefundVanished(RefundId),
    #[error("refund {refund_id} of payment {payment_id} would give back more than was promised")]
    OverRefund { payment_id: PaymentId, refund_id: RefundId },
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
            Self::RefundVanished(_) => "refund_vanished",
            Self::OverRefund { .. } => "over_refund",
            Self::Kit(cause) => cause.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchPayment => Kind::NotFound,
            Self::ImpossibleTotal { .. }
            | Self::PaymentVanished(_)
            | Self::RefundVanished(_)
            | Self::OverRefund { .. } => Kind::Internal,
            Self::Kit(cause) => cause.kind(),
        }
    }

    fn public(&self) -> String {
        match self {
            Self::NoSuchPayment => "There is no such payment.".to_owned(),
            Self::ImpossibleTotal { .. }
            | Self::PaymentVanished(_)
            | Self::RefundVanished(_)
            | Self::OverRefund { .. } => "Something went wrong on our side. It has been logged.".to_owned(),
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

    #[test]
    fn every_error_has_a_code_of_its_own() {
        let (payment_id, refund_id) = (PaymentId::from(Uuid::nil()), RefundId::from(Uuid::nil()));
        let errors = [
            Error::NoSuchPayment,
            Error::ImpossibleTotal { order_id: OrderId::from(Uuid::nil()), total: Money::new(-1, Currency::EUR) },
            Error::PaymentVanished(payment_id),
            Error::RefundVanished(refund_id),
            Error::OverRefund { payment_id, refund_id },
        ];
        let codes: BTreeSet<_> = errors.iter().map(Fault::code).collect();
        assert_eq!(codes.len(), errors.len(), "{codes:?}");
    }
}
