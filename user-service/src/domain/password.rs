//! What we accept as a new password (NIST SP 800-63B: length, no rules about kinds of characters).

use std::fmt;

/// 8 to 256 characters.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl Password {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        match text.chars().count() {
            8..=256 => Ok(Self(text.to_owned())),
            0..8 => Err("is too short: at least 8 characters, better 15 or more"),
            _ => Err("is too long: at most 256 characters"),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
