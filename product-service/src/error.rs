//! What can go wrong in product-service. Knows nothing of HTTP.

use crate::domain::{Refusal, Short};
use contracts::{CheckoutId, Money, api::product::ChangedPrice};
use serde_json::{Map, Value, json};
use service_kit::{Fault, Kind, KitError, Problem};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such product")]
    NoSuchProduct,
    #[error("no such picture")]
    NoSuchPicture,
    #[error("the picture {0}")]
    NotAPicture(String),
    #[error("the pictures' bucket: {0}")]
    Bucket(String),
    #[error("no category {0:?}")]
    UnknownCategory(String),
    #[error("the SKU {0:?} belongs to another product")]
    SkuTaken(String),
    #[error("the product was changed meanwhile: it is at version {current}")]
    StaleVersion { current: i64 },
    #[error("the product is archived already")]
    AlreadyArchived,
    #[error("of {on_hand} pieces {reserved} are reserved: {change} cannot be taken away")]
    BelowReserved { on_hand: i64, reserved: i64, change: i64 },
    #[error("not enough of {} SKUs", .0.len())]
    OutOfStock(Vec<Short>),
    #[error("not sold: {0:?}")]
    SkuNotSold(Vec<String>),
    #[error("prices in {0:?} in one reservation")]
    MixedCurrencies(Vec<String>),
    #[error("{} SKUs cost something else than the shopper was told", .0.len())]
    PriceChanged(Vec<ChangedPrice>),
    #[error("the lines cost more than {most} minor units in all", most = Money::MOST)]
    TotalTooLarge,
    #[error("checkout {0} was reserved with other lines")]
    CheckoutReused(CheckoutId),
    #[error("the reservation of checkout {0} has ended")]
    ReservationEnded(CheckoutId),
    #[error("the reservation of checkout {0} was changed at the same moment")]
    Contended(CheckoutId),
    /// An event came before one it builds on: the kit tries it again later.
    #[error("early: {event} of checkout {checkout_id}, whose reservation is {found}")]
    Early { event: &'static str, checkout_id: CheckoutId, found: &'static str },
    #[error("the database holds {value:?} as {what}")]
    Stored { what: &'static str, value: String },
    #[error(transparent)]
    Kit(#[from] KitError),
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self::Kit(cause.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotSold(skus) => Self::SkuNotSold(skus),
            Refusal::MixedCurrencies(currencies) => Self::MixedCurrencies(currencies),
            Refusal::TotalTooLarge => Self::TotalTooLarge,
            Refusal::PriceChanged(changed) => Self::PriceChanged(changed),
            Refusal::OutOfStock(short) => Self::OutOfStock(short),
            Refusal::Reused(checkout_id) => Self::CheckoutReused(checkout_id),
            Refusal::Ended(checkout_id) => Self::ReservationEnded(checkout_id),
        }
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchProduct => "product_not_found",
            Self::NoSuchPicture => "picture_not_found",
            Self::NotAPicture(_) => "not_a_picture",
            Self::Bucket(_) => "pictures_unavailable",
            Self::UnknownCategory(_) => "unknown_category",
            Self::SkuTaken(_) => "sku_taken",
            Self::StaleVersion { .. } => "version_stale",
            Self::AlreadyArchived => "already_archived",
            Self::BelowReserved { .. } => "below_reserved",
            Self::OutOfStock(_) => "out_of_stock",
            Self::SkuNotSold(_) => "sku_not_sold",
            Self::MixedCurrencies(_) => "mixed_currencies",
            Self::TotalTooLarge => "amount_too_large",
            Self::PriceChanged(_) => "price_changed",
            Self::CheckoutReused(_) => "checkout_reused",
            Self::ReservationEnded(_) => "reservation_ended",
            Self::Contended(_) => "reservation_contended",
            Self::Early { .. } => "early",
            Self::Stored { .. } => "stored_value_unreadable",
            Self::Kit(cause) => cause.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchProduct | Self::NoSuchPicture => Kind::NotFound,
            Self::NotAPicture(_) => Kind::UnsupportedMediaType,
            Self::UnknownCategory(_)
            | Self::SkuNotSold(_)
            | Self::MixedCurrencies(_)
            | Self::TotalTooLarge
            | Self::CheckoutReused(_) => Kind::Unprocessable,
            Self::SkuTaken(_)
            | Self::AlreadyArchived
            | Self::BelowReserved { .. }
            | Self::OutOfStock(_)
            | Self::PriceChanged(_)
            | Self::ReservationEnded(_) => Kind::Conflict,
            Self::StaleVersion { .. } => Kind::PreconditionFailed,
            Self::Bucket(_) | Self::Contended(_) | Self::Early { .. } => Kind::Unavailable,
            Self::Stored { .. } => Kind::Internal,
            Self::Kit(cause) => cause.kind(),
        }
    }

    fn public(&self) -> String {
        match self {
            Self::NoSuchProduct => "There is no such product.".to_owned(),
            Self::NoSuchPicture => "There is no such picture.".to_owned(),
            Self::NotAPicture(why) => format!("The picture {why}."),
            Self::Bucket(_) => {
                "Pictures cannot be reached at the moment: try again in a while. Nothing was changed.".to_owned()
            }
            Self::UnknownCategory(slug) => {
                format!(
                    "There is no category {slug:?}: choose one of GET /categories, or make it with PUT /categories/{{slug}}."
                )
            }
            Self::SkuTaken(sku) => {
                format!(
                    "The SKU {sku:?} belongs to another product, in these or other capital letters: choose another."
                )
            }
            Self::StaleVersion { current } => format!(
                "Somebody changed the product meanwhile: it is at version {current}. Read it again and repeat your change."
            ),
            Self::AlreadyArchived => "The product is archived already.".to_owned(),
            Self::BelowReserved { on_hand, reserved, .. } => format!(
                "{reserved} of the {on_hand} pieces are reserved for orders: at most {} can be taken away.",
                on_hand - reserved
            ),
            Self::OutOfStock(_) => "There is not enough in stock; see short for what can be had.".to_owned(),
            Self::SkuNotSold(_) => "Some SKUs are not sold (any more); see skus. Leave them out.".to_owned(),
            Self::MixedCurrencies(_) => {
                "These products are sold in different currencies: make one order per currency.".to_owned()
            }
            Self::TotalTooLarge => "The total is larger than can be paid: order less.".to_owned(),
            Self::PriceChanged(_) => {
                "Some prices have changed; see changed. Nothing was reserved: show them to the shopper first."
                    .to_owned()
            }
            Self::CheckoutReused(_) => {
                "This checkout was reserved before with other lines: use a new checkout_id for other lines.".to_owned()
            }
            Self::ReservationEnded(_) => {
                "The reservation of this checkout has ended and its stock was given back: check out again.".to_owned()
            }
            Self::Contended(_) | Self::Early { .. } => {
                "The reservation is being changed at this moment: send the same request again.".to_owned()
            }
            Self::Stored { .. } => "Something went wrong on our side. It has been logged.".to_owned(),
            Self::Kit(cause) => cause.public(),
        }
    }

    fn members(&self) -> Map<String, Value> {
        let member = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
        match self {
            Self::OutOfStock(short) => member("short", json!(short)),
            Self::SkuNotSold(skus) => member("skus", json!(skus)),
            Self::PriceChanged(changed) => member("changed", json!(changed)),
            Self::MixedCurrencies(currencies) => member("currencies", json!(currencies)),
            Self::BelowReserved { on_hand, reserved, .. } => {
                Map::from_iter([("on_hand".to_owned(), json!(on_hand)), ("reserved".to_owned(), json!(reserved))])
            }
            Self::StaleVersion { current } => member("version", json!(current)),
            _ => Map::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        let Self::Kit(cause) = self else { return None };
        cause.retry_after()
    }

    fn is_contended(&self) -> bool {
        matches!(self, Self::Kit(cause) if cause.is_contended())
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
    use contracts::CheckoutId;
    use service_kit::{Fault, KitError, Problem};
    use std::collections::BTreeSet;
    use uuid::Uuid;

    fn all() -> Vec<Error> {
        let checkout: CheckoutId = Uuid::nil().into();
        vec![
            Error::NoSuchProduct,
            Error::NoSuchPicture,
            Error::NotAPicture(String::new()),
            Error::Bucket(String::new()),
            Error::UnknownCategory(String::new()),
            Error::SkuTaken(String::new()),
            Error::StaleVersion { current: 2 },
            Error::AlreadyArchived,
            Error::BelowReserved { on_hand: 5, reserved: 3, change: -4 },
            Error::OutOfStock(vec![]),
            Error::SkuNotSold(vec![]),
            Error::MixedCurrencies(vec![]),
            Error::TotalTooLarge,
            Error::PriceChanged(vec![]),
            Error::CheckoutReused(checkout),
            Error::ReservationEnded(checkout),
            Error::Contended(checkout),
            Error::Early { event: "order.paid", checkout_id: checkout, found: "unknown" },
            Error::Stored { what: "a currency", value: "secret".to_owned() },
            Error::Kit(KitError::IdempotencyKeyReused),
        ]
    }

    #[test]
    fn every_error_has_a_code_of_its_own() {
        let codes: BTreeSet<_> = all().iter().map(Fault::code).collect();
        assert_eq!(codes.len(), all().len());
    }

    #[test]
    fn private_causes_stay_private() {
        let problem = Problem::from(Error::Stored { what: "a currency", value: "secret".to_owned() });
        assert_eq!(problem.status, 500);
        assert!(!problem.detail.contains("secret"), "{}", problem.detail);
    }
}
