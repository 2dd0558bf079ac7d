//! E-mail addresses.

use std::str::FromStr;

/// A valid address (RFC 5321's form, with a domain).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email(String);

impl Email {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let valid = text.len() <= 254 && email_address::EmailAddress::from_str(text).is_ok() && !text.contains('"');
        if !valid {
            return Err("is not an e-mail address: expected a form like name@example.com");
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What accounts are told apart by: mail systems treat capital letters alike.
    pub(crate) fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in ["ada@example.com", " Ada.L+shop@mail.example.org ", "ü@example.com"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(300));
        for bad in ["", "ada", "ada@", "@example.com", "ada example.com", "a@b@c", "a\n@example.com", &long] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn capital_letters_make_no_second_person() {
        assert_eq!(Email::parse("Ada@Example.com").unwrap().key(), Email::parse("ada@example.COM").unwrap().key());
    }
}
