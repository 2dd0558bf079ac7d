//! E-mail addresses.

use email_address::{EmailAddress, Options};

/// The address alone, without a name before it, at a domain of the internet: no literal and no bare host.
const STRICT: Options = Options { minimum_sub_domains: 2, allow_domain_literal: false, allow_display_text: false };

/// A valid address (RFC 5321's form, with a domain). Without `Debug`: it would end up in a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Email(String);

impl Email {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let valid = text.len() <= 254 && EmailAddress::parse_with_options(text, STRICT).is_ok() && !text.contains('"');
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
        for bad in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada example.com",
            "a@b@c.com",
            "a\n@example.com",
            "a\0@example.com",
            "Ada <ada@example.com>",
            "<ada@example.com>",
            "ada@[127.0.0.1]",
            "ada@localhost",
            "ada@example.",
            "ada@.com",
            "a da@example.com",
            "\"a da\"@example.com",
            "ada@exa mple.com",
            "ada@example.com,b@example.com",
            &long,
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn capital_letters_make_no_second_person() {
        assert_eq!(Email::parse("Ada@Example.com").unwrap().key(), Email::parse("ada@example.COM").unwrap().key());
    }
}
