//! Money in integer minor units with its currency (ISO 4217). No floats, every operation checked.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

/// An ISO 4217 currency, e.g. `EUR`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);

    /// The three letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Whether it is money that people pay with: no fund, no precious metal, no test code, and not withdrawn. A rule for
    /// the doors alone: what was stored in another currency is still read.
    ///
    /// As list one of ISO 4217 says, by `iso_currency`; but that crate takes Venezuela's VES for replaced by VED, and the
    /// list has both.
    #[must_use]
    pub fn is_legal_tender(self) -> bool {
        let replaced = self.0.is_superseded().is_some() && self.0 != iso_currency::Currency::VES;
        !self.0.is_fund() && !self.0.is_special() && !replaced
    }

    /// Digits after the decimal sign: 2 for EUR, 0 for JPY.
    #[must_use]
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(text)
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency { text: text.to_owned() })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Z]{3}$"))
            .description(Some("An ISO 4217 currency code."))
            .examples(["EUR"])
            .into()
    }
}

impl ToSchema for Currency {}

/// An amount of money: `{"amount": 1999, "currency": "EUR"}` is 19.99 EUR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Money {
    /// Minor units (cents for EUR).
    pub amount: i64,
    /// What the units are of.
    pub currency: Currency,
}

/// Why a sum of money could not be made.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum MoneyError {
    /// There is no exchange here.
    #[error("amounts in {left} and {right} cannot be added: use one currency")]
    MixedCurrencies {
        /// Of the first amount.
        left: Currency,
        /// Of the one that was to be added or taken off.
        right: Currency,
    },
    /// Further from zero than [`Money::MOST`].
    #[error("the amount is larger than {most} minor units", most = Money::MOST)]
    Overflow,
    /// None of ISO 4217.
    #[error("{text:?} is not a currency: expected three letters of ISO 4217 such as EUR")]
    UnknownCurrency {
        /// What was given.
        text: String,
    },
    /// Outside 1 to [`Quantity::MAX`].
    #[error("{given} is not a quantity: expected a whole number from 1 to {max}", max = Quantity::MAX)]
    BadQuantity {
        /// What was given.
        given: i64,
    },
}

impl Money {
    /// No sum and no product goes further from zero: 2⁵³ − 1 minor units. Whoever reads JSON's numbers as most do, as
    /// binary floating point, reads all up to here exactly, and the next one wrong (RFC 8259, 6).
    pub const MOST: i64 = 9_007_199_254_740_991;

    /// `amount` minor units. Not bounded: what is stored or sent was bounded by whoever made it.
    #[must_use]
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing, of a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum of both.
    ///
    /// # Errors
    /// Other currency, or more than [`Self::MOST`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::within_bounds(self.amount.checked_add(other.amount), self.currency)
    }

    /// What is left when `other` is taken off; may be below zero.
    ///
    /// # Errors
    /// Other currency, or further below zero than [`Self::MOST`] is above it.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::within_bounds(self.amount.checked_sub(other.amount), self.currency)
    }

    /// The price of so many pieces.
    ///
    /// # Errors
    /// More than [`Self::MOST`].
    pub fn times(self, quantity: Quantity) -> Result<Self, MoneyError> {
        Self::within_bounds(self.amount.checked_mul(i64::from(quantity.get())), self.currency)
    }

    /// The sum of at least one amount; `None` for no amounts, since nothing says their currency.
    ///
    /// # Errors
    /// Mixed currencies, or more than [`Self::MOST`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Option<Self>, MoneyError> {
        let mut amounts = amounts.into_iter();
        let Some(first) = amounts.next() else { return Ok(None) };
        amounts.try_fold(first, Self::plus).map(Some)
    }

    fn within_bounds(amount: Option<i64>, currency: Currency) -> Result<Self, MoneyError> {
        let amount = amount.filter(|amount| (-Self::MOST..=Self::MOST).contains(amount));
        Ok(Self::new(amount.ok_or(MoneyError::Overflow)?, currency))
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::MixedCurrencies { left: self.currency, right: other.currency })
    }
}

/// For people: `19.99 EUR`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent();
        let sign = if self.amount < 0 { "-" } else { "" };
        let amount = self.amount.unsigned_abs();
        if exponent == 0 {
            return write!(f, "{sign}{amount} {}", self.currency);
        }
        let unit = 10_u64.pow(exponent);
        let (whole, part) = (amount / unit, amount % unit);
        write!(f, "{sign}{whole}.{part:0width$} {}", self.currency, width = exponent as usize)
    }
}

/// How many pieces of one SKU: 1 to 999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i32")]
pub struct Quantity(i32);

impl Quantity {
    /// More of one SKU nobody orders at once.
    pub const MAX: i32 = 999;

    /// Pieces.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }

    /// The pieces of both.
    ///
    /// # Errors
    /// The sum is past [`Self::MAX`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Self::try_from(i64::from(self.0) + i64::from(other.0))
    }
}

impl TryFrom<i64> for Quantity {
    type Error = MoneyError;

    fn try_from(given: i64) -> Result<Self, MoneyError> {
        match i32::try_from(given) {
            Ok(quantity @ 1..=Self::MAX) => Ok(Self(quantity)),
            _ => Err(MoneyError::BadQuantity { given }),
        }
    }
}

impl From<Quantity> for i32 {
    fn from(quantity: Quantity) -> Self {
        quantity.0
    }
}

impl PartialSchema for Quantity {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Self::MAX))
            .description(Some("How many pieces of one SKU."))
            .into()
    }
}

impl ToSchema for Quantity {}
