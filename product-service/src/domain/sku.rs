//! What a thing is ordered by.

/// 1 to 64 letters, digits, dots, dashes and underscores, asked for as they were typed when the product was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sku(String);

impl Sku {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err("is not a SKU: expected 1 to 64 letters, digits, dots, dashes and underscores, such as MUG-0042")
    }

    /// One for a new product: with a letter or digit, since a path that ends in dots is another path (RFC 3986, 5.2.4).
    pub(crate) fn parse_new(text: &str) -> Result<Self, &'static str> {
        if !text.is_empty() && text.bytes().all(|byte| !byte.is_ascii_alphanumeric()) {
            return Err("must hold a letter or a digit, such as MUG-0042");
        }
        Self::parse(text)
    }

    /// Whether a SKU can begin so; all begin with nothing.
    pub(crate) fn may_begin(text: &str) -> bool {
        text.is_empty() || Self::parse(text).is_ok()
    }

    /// What new SKUs are told apart by: capital letters make no second one. As the index of the database folds them.
    pub(crate) fn key(text: &str) -> String {
        text.to_ascii_lowercase()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Sku;

    #[test]
    fn a_new_sku_is_more_than_dots_and_an_old_one_is_still_found() {
        for dots in [".", "..", "...", "-", "_", ".-_"] {
            assert!(Sku::parse_new(dots).is_err() && Sku::parse(dots).is_ok(), "{dots}");
        }
        for good in ["A", "4006381333931", "a.b", "..a", "7_"] {
            assert!(Sku::parse_new(good).is_ok(), "{good}");
        }
        assert!(Sku::parse_new("").is_err() && Sku::parse_new("m\u{FC}g").is_err());
    }

    #[test]
    fn skus_are_told_from_other_texts() {
        for good in ["A", "MUG-0042", "a.b_c-9", &"X".repeat(64)] {
            assert!(Sku::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " MUG", "MUG 1", "MÜG", "a/b", "a\0b", &"X".repeat(65)] {
            assert!(Sku::parse(bad).is_err(), "{bad}");
        }
    }
}
