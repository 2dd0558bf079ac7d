//! The texts and numbers of a product.

use contracts::Money;

/// 1 to 200 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProductName(String);

impl ProductName {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        one_line(text, 200).map(Self).ok_or("must hold 1 to 200 characters on one line")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What names are ordered by.
    pub(crate) fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// Up to 5000 characters; lines may break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description(String);

impl Description {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let printable = !text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t'));
        if printable && text.chars().count() <= 5000 {
            return Ok(Self(text.to_owned()));
        }
        Err("must hold up to 5000 characters without control characters")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A category as it stands in addresses: 1 to 60 small letters, digits and single dashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slug(String);

impl Slug {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if (1..=60).contains(&text.len()) && text.split('-').all(part) {
            return Ok(Self(text.to_owned()));
        }
        Err("is not a category's slug: expected 1 to 60 small letters, digits and single dashes, such as desk-lamps")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// 1 to 100 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CategoryName(String);

impl CategoryName {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        one_line(text, 100).map(Self).ok_or("must hold 1 to 100 characters on one line")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a shopper typed into the search box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchText(String);

impl SearchText {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        one_line(text, 200).map(Self).ok_or("must hold 1 to 200 characters on one line")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The dearest thing costs a thousand million: 100 lines of 999 of them still fit into an order's total.
const DEAREST: i64 = 100_000_000_000;

pub(crate) fn parse_price(price: Money) -> Result<Money, &'static str> {
    if (1..=DEAREST).contains(&price.amount) {
        return Ok(price);
    }
    Err("must have an amount of 1 to 100000000000 minor units (1999 is 19.99 EUR)")
}

const FULLEST: i64 = 1_000_000;

/// Pieces on hand when a product is made.
pub(crate) fn parse_stock(pieces: i64) -> Result<i64, &'static str> {
    if (0..=FULLEST).contains(&pieces) {
        return Ok(pieces);
    }
    Err("must be a whole number from 0 to 1000000")
}

fn one_line(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let fits = (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Description, ProductName, SearchText, Slug, parse_price};
    use contracts::{Currency, Money};

    #[test]
    fn a_zero_byte_is_refused_before_the_database_would() {
        assert!(ProductName::parse("a\0b").is_err());
        assert!(Description::parse("a\0b").is_err());
        assert!(SearchText::parse("a\0b").is_err());
    }

    #[test]
    fn slugs_are_told_from_other_texts() {
        for good in ["tools", "desk-lamps", "a1-b2"] {
            assert!(Slug::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-", "Tools", "a--b", "a-", "a b", "ä"] {
            assert!(Slug::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_is_free_and_nothing_overflows_an_order() {
        let price = |amount| parse_price(Money::new(amount, Currency::EUR));
        assert!(price(0).is_err() && price(-1).is_err() && price(i64::MAX).is_err());
        assert!(price(1).is_ok());
        assert!(super::DEAREST.checked_mul(999 * 100).is_some());
    }
}
