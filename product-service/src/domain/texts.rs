//! The texts and numbers of a product.

use contracts::Money;
use service_kit::text::{self, TextError};

/// 1 to 200 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProductName(String);

impl ProductName {
    pub(crate) fn parse(text: &str) -> Result<Self, TextError> {
        text::line(text, 200).map(Self)
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
    pub(crate) fn parse(text: &str) -> Result<Self, TextError> {
        text::paragraphs(text, 5000).map(Self)
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
    pub(crate) fn parse(text: &str) -> Result<Self, TextError> {
        text::line(text, 100).map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a shopper typed into the search box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchText(String);

impl SearchText {
    pub(crate) fn parse(text: &str) -> Result<Self, TextError> {
        text::line(text, 200).map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The dearest thing costs nine hundred million: 100 lines of 999 of them still make a total below 2⁵³, which every
/// reader of JSON can hold.
const DEAREST: i64 = 90_000_000_000;

/// What things are sold for: money that is legal tender somewhere. What was priced before is still read and sold.
pub(crate) fn parse_price(price: Money) -> Result<Money, &'static str> {
    if !price.currency.is_legal_tender() {
        return Err(
            "must be in money that is legal tender (ISO 4217): no funds, metals, test codes or withdrawn currencies",
        );
    }
    if (1..=DEAREST).contains(&price.amount) {
        return Ok(price);
    }
    Err("must have an amount of 1 to 90000000000 minor units (1999 is 19.99 EUR)")
}

const FULLEST: i64 = 1_000_000;

/// Pieces on hand when a product is made.
pub(crate) fn parse_stock(pieces: i64) -> Result<i64, &'static str> {
    if (0..=FULLEST).contains(&pieces) {
        return Ok(pieces);
    }
    Err("must be a whole number from 0 to 1000000")
}

#[cfg(test)]
mod tests {
    use super::{CategoryName, Description, ProductName, SearchText, Slug, parse_price};
    use contracts::{Currency, Money};

    #[test]
    fn a_zero_byte_is_refused_before_the_database_would() {
        assert!(ProductName::parse("a\0b").is_err());
        assert!(Description::parse("a\0b").is_err());
        assert!(SearchText::parse("a\0b").is_err());
    }

    #[test]
    fn what_shows_nothing_is_neither_name_nor_words_to_search_for() {
        for hidden in ["\u{200B}", "\u{3164}", "\u{2800}", "\u{0301}", "\u{FE0F}", "Mug\u{202E}", "Mug\u{2028}"] {
            assert!(ProductName::parse(hidden).is_err(), "{}", hidden.escape_unicode());
            assert!(CategoryName::parse(hidden).is_err(), "{}", hidden.escape_unicode());
            assert!(SearchText::parse(hidden).is_err(), "{}", hidden.escape_unicode());
            assert!(Description::parse(hidden).is_err(), "{}", hidden.escape_unicode());
        }
        assert!(Description::parse("").is_ok());
    }

    #[test]
    fn things_are_sold_for_money() {
        let price = |code: &str| parse_price(Money::new(1, code.parse().unwrap()));
        for money in ["EUR", "USD", "JPY", "KWD", "XOF", "XCD", "XPF", "ZWG", "VES"] {
            assert!(price(money).is_ok(), "{money}");
        }
        for none in ["XXX", "XTS", "XAU", "XDR", "ZWL", "HRK", "CHE", "USN", "CLF", "XPT"] {
            assert!(price(none).is_err(), "{none}");
        }
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
        const { assert!(super::DEAREST * 999 * 100 < 1 << 53) };
    }
}
