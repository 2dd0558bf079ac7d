//! What can go wrong in order-service. Knows nothing of HTTP.

use crate::domain::{Unfit, WrongStatus};
use contracts::{MoneyError, OrderId};
use serde_json::{Map, Value};
use service_kit::{Fault, Kind, KitError, Problem, auth::AuthError, mail_bounds::TooManyMails};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such order, or not this caller's")]
    NotFound,
    #[error("out of stock")]
    OutOfStock { short: Value },
    #[error("not sold: {skus}")]
    NotSold { skus: Value },
    #[error("the lines have prices in several currencies")]
    MixedCurrencies,
    #[error("prices have changed: {changed}")]
    PriceChanged { changed: Value },
    #[error("no such cart, or not this caller's")]
    NoCart,
    #[error("the cart is at another version")]
    CartChanged,
    #[error("the cart is empty")]
    CartEmpty,
    #[error("the cart holds as many SKUs as an order may have")]
    CartFull,
    #[error("more than {} pieces of one SKU", contracts::Quantity::MAX)]
    TooManyPieces,
    #[error("the cart is changed by others over and over")]
    CartContended,
    #[error("the order's customer was erased")]
    CustomerErased,
    #[error("no such declaration of withdrawal")]
    NoWithdrawal,
    #[error("the declaration of withdrawal was closed with other words")]
    WithdrawalClosed,
    #[error("too many declarations of withdrawal, of one client or to one mailbox")]
    TooManyWithdrawals { wait: Duration },
    #[error("the reservation of this checkout has ended")]
    CheckoutEnded,
    #[error("the customer has {open} unpaid orders")]
    TooManyOpenOrders { open: i64 },
    #[error("the customer's unpaid orders hold {open} pieces of {most}")]
    TooManyOpenPieces { open: i64, most: i64 },
    #[error(transparent)]
    WrongStatus(#[from] WrongStatus),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error("order {order_id} is not stored here (yet)")]
    UnknownOrder { order_id: OrderId },
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error(transparent)]
    Kit(#[from] KitError),
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self::Kit(cause.into())
    }
}

impl From<TooManyMails> for Error {
    fn from(TooManyMails { wait }: TooManyMails) -> Self {
        Self::TooManyWithdrawals { wait }
    }
}

impl Error {
    /// Of the change that had to do with `sku`.
    pub(crate) fn unfit(unfit: Unfit, sku: Option<&str>) -> Self {
        match unfit {
            Unfit::NotSold => Self::NotSold { skus: sku.into_iter().collect() },
            Unfit::MixedCurrencies => Self::MixedCurrencies,
            Unfit::TooManyLines => Self::CartFull,
            Unfit::TooManyPieces => Self::TooManyPieces,
        }
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "order_not_found",
            Self::OutOfStock { .. } => "out_of_stock",
            Self::NotSold { .. } => "sku_not_sold",
            Self::MixedCurrencies => "mixed_currencies",
            Self::PriceChanged { .. } => "price_changed",
            Self::NoCart => "cart_not_found",
            Self::CartChanged => "cart_changed",
            Self::CartEmpty => "cart_empty",
            Self::CartFull => "cart_full",
            Self::TooManyPieces => "too_many_pieces",
            Self::CartContended => "cart_contended",
            Self::CustomerErased => "customer_erased",
            Self::NoWithdrawal => "withdrawal_not_found",
            Self::WithdrawalClosed => "withdrawal_closed",
            Self::TooManyWithdrawals { .. } => "too_many_withdrawals",
            Self::CheckoutEnded => "checkout_ended",
            Self::TooManyOpenOrders { .. } => "too_many_open_orders",
            Self::TooManyOpenPieces { .. } => "too_many_open_pieces",
            Self::WrongStatus(_) => "wrong_order_status",
            Self::Money(_) => "amount_too_large",
            Self::UnknownOrder { .. } => "order_not_stored",
            Self::Corrupt(_) => "order_unreadable",
            Self::Auth(cause) => cause.code(),
            Self::Kit(cause) => cause.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound | Self::NoCart | Self::NoWithdrawal => Kind::NotFound,
            Self::OutOfStock { .. }
            | Self::PriceChanged { .. }
            | Self::CartChanged
            | Self::CustomerErased
            | Self::CheckoutEnded
            | Self::WithdrawalClosed
            | Self::WrongStatus(_) => Kind::Conflict,
            Self::NotSold { .. }
            | Self::MixedCurrencies
            | Self::CartEmpty
            | Self::CartFull
            | Self::TooManyPieces
            | Self::Money(_) => Kind::Unprocessable,
            Self::CartContended => Kind::Unavailable,
            Self::TooManyOpenOrders { .. } | Self::TooManyOpenPieces { .. } | Self::TooManyWithdrawals { .. } => {
                Kind::TooMany
            }
            Self::UnknownOrder { .. } | Self::Corrupt(_) => Kind::Internal,
            Self::Auth(cause) => cause.kind(),
            Self::Kit(cause) => cause.kind(),
        }
    }

    fn public(&self) -> String {
        match self {
            Self::NotFound => "There is no such order.".to_owned(),
            Self::OutOfStock { .. } => {
                "Not enough pieces are left; see short. Nothing was ordered: change the quantities and order again with \
                 a new Idempotency-Key."
                    .to_owned()
            }
            Self::NotSold { .. } => "Some SKUs are not sold here; see skus. Nothing was ordered.".to_owned(),
            Self::PriceChanged { .. } => {
                "Some prices have changed since they were shown; see changed. Nothing was ordered: look at the cart, agree \
                 (POST /carts/{id}/agree) and order then."
                    .to_owned()
            }
            Self::NoCart => {
                "There is no such cart here: send the Cart-Token it was made with, or a valid token of the account it \
                 belongs to."
                    .to_owned()
            }
            Self::CartChanged => {
                "The cart is not the one you saw: it was changed, or ordered, meanwhile. Nothing was ordered by this \
                 request: look at the cart and at your orders."
                    .to_owned()
            }
            Self::CartEmpty => "There is nothing in the cart to order.".to_owned(),
            Self::CartFull => "An order has up to 100 different SKUs: order these first, or take some out.".to_owned(),
            Self::TooManyPieces => {
                format!("Of one SKU up to {} pieces can be ordered at a time.", contracts::Quantity::MAX)
            }
            Self::CartContended => "The cart is being changed at this moment: send the request again.".to_owned(),
            Self::CustomerErased => {
                "The customer of this order was erased: nothing is written about them any more.".to_owned()
            }
            Self::NoWithdrawal => "There is no such declaration of withdrawal.".to_owned(),
            Self::WithdrawalClosed => {
                "Somebody has closed this declaration already: look at it again.".to_owned()
            }
            Self::TooManyWithdrawals { wait } => format!(
                "Too many withdrawals were declared from here, or with this address: try again in {} s. This one was not \
                 kept.",
                seconds(*wait)
            ),
            Self::MixedCurrencies => "An order has one currency: order these products separately.".to_owned(),
            Self::CheckoutEnded => {
                "The stock held for this checkout was given back meanwhile: order again with a new Idempotency-Key."
                    .to_owned()
            }
            Self::TooManyOpenOrders { open } => {
                format!("You have {open} unpaid orders: wait until they are paid, or cancel some.")
            }
            Self::TooManyOpenPieces { open, most } => format!(
                "Your unpaid orders hold {open} pieces, and no more than {most} may be held at a time: wait until they \
                 are paid, cancel some, or order less."
            ),
            Self::WrongStatus(wrong) => wrong.to_string(),
            Self::Money(_) => "The total is larger than can be paid: order less.".to_owned(),
            Self::UnknownOrder { .. } | Self::Corrupt(_) => {
                "Something went wrong on our side. It has been logged.".to_owned()
            }
            Self::Auth(cause) => cause.public(),
            Self::Kit(cause) => cause.public(),
        }
    }

    fn members(&self) -> Map<String, Value> {
        match self {
            Self::OutOfStock { short } => Map::from_iter([("short".to_owned(), short.clone())]),
            Self::PriceChanged { changed } => Map::from_iter([("changed".to_owned(), changed.clone())]),
            Self::NotSold { skus } => Map::from_iter([("skus".to_owned(), skus.clone())]),
            _ => Map::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyWithdrawals { wait } => Some(*wait),
            Self::Kit(cause) => cause.retry_after(),
            _ => None,
        }
    }

    fn is_contended(&self) -> bool {
        matches!(self, Self::Kit(cause) if cause.is_contended())
    }
}

/// Rounded up: who comes then comes late enough.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use crate::domain::Status;
    use contracts::MoneyError;
    use service_kit::{Fault, KitError, auth::AuthError};
    use std::{collections::BTreeSet, time::Duration};
    use time::OffsetDateTime;
    use uuid::Uuid;

    /// The variant behind each: a new one does not compile before it is here.
    fn after(error: &Error) -> Option<Error> {
        Some(match error {
            Error::NotFound => Error::OutOfStock { short: ().into() },
            Error::OutOfStock { .. } => Error::NotSold { skus: ().into() },
            Error::NotSold { .. } => Error::MixedCurrencies,
            Error::MixedCurrencies => Error::PriceChanged { changed: ().into() },
            Error::PriceChanged { .. } => Error::NoCart,
            Error::NoCart => Error::CartChanged,
            Error::CartChanged => Error::CartEmpty,
            Error::CartEmpty => Error::CartFull,
            Error::CartFull => Error::TooManyPieces,
            Error::TooManyPieces => Error::CartContended,
            Error::CartContended => Error::CustomerErased,
            Error::CustomerErased => Error::NoWithdrawal,
            Error::NoWithdrawal => Error::WithdrawalClosed,
            Error::WithdrawalClosed => Error::TooManyWithdrawals { wait: Duration::from_secs(1) },
            Error::TooManyWithdrawals { .. } => Error::CheckoutEnded,
            Error::CheckoutEnded => Error::TooManyOpenOrders { open: 20 },
            Error::TooManyOpenOrders { .. } => Error::TooManyOpenPieces { open: 1, most: 2 },
            Error::TooManyOpenPieces { .. } => {
                let pending = Status::Pending { deadline: OffsetDateTime::UNIX_EPOCH };
                pending.fulfil(OffsetDateTime::UNIX_EPOCH).unwrap_err().into()
            }
            Error::WrongStatus(_) => MoneyError::Overflow.into(),
            Error::Money(_) => Error::UnknownOrder { order_id: Uuid::nil().into() },
            Error::UnknownOrder { .. } => Error::Corrupt(String::new()),
            Error::Corrupt(_) => AuthError::Forbidden.into(),
            Error::Auth(_) => KitError::NoAnswer.into(),
            Error::Kit(_) => return None,
        })
    }

    #[test]
    fn every_error_has_a_code_of_its_own() {
        let all: Vec<Error> = std::iter::successors(Some(Error::NotFound), after).collect();
        let codes: BTreeSet<&str> = all.iter().map(Fault::code).collect();
        assert_eq!(codes.len(), all.len(), "{codes:?}");
    }
}
