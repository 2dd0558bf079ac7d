//! E-mail addresses that mail is sent to, and what tells two of them apart.

use email_address::{EmailAddress, Options};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// The address alone, without a name before it, at a domain of the internet: no literal and no bare host.
const STRICT: Options = Options { minimum_sub_domains: 2, allow_domain_literal: false, allow_display_text: false };

const NO_ADDRESS: &str = "is not an e-mail address: expected a form like name@example.com";

/// A valid address (RFC 5321's form, with a domain) that any mail server takes: ASCII before the `@`, and the domain in
/// the form the DNS knows it by (IDNA; `bücher.example` is `xn--bcher-kva.example`). Without `Debug`: it would end up in
/// a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads one as people type it.
    ///
    /// # Errors
    /// It is none, in words that go on from the name of its field.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(NO_ADDRESS)?;
        // Never made to fit: the KELVIN SIGN folds to a `k`, and its mail would go to another mailbox than the `k`'s.
        if !local.is_ascii() {
            return Err("must have only plain letters, digits and signs before the @: mail servers take no others");
        }
        let domain = to_ascii(domain).ok_or(NO_ADDRESS)?;
        let address = format!("{local}@{domain}");
        let valid = address.len() <= 254
            && EmailAddress::parse_with_options(&address, STRICT).is_ok()
            && !address.contains('"');
        valid.then_some(Self(address)).ok_or(NO_ADDRESS)
    }

    /// As mail is sent to it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What accounts are told apart by: mail systems treat capital letters alike.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The mailbox behind the address, for bounds on what is sent to it: most mail systems put `ada+shop` into `ada`'s.
    #[must_use]
    pub fn mailbox(&self) -> String {
        let key = self.key();
        match key.split_once('@') {
            Some((local, domain)) => {
                let name = local.split('+').next().filter(|name| !name.is_empty()).unwrap_or(local);
                format!("{name}@{domain}")
            }
            None => key,
        }
    }
}

/// The name of a domain in the DNS (IDNA); none where it has none.
#[must_use]
pub fn to_ascii(domain: &str) -> Option<String> {
    let ascii = Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify);
    ascii.ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::Email;

    fn key(text: &str) -> String {
        Email::parse(text).unwrap_or_else(|why| panic!("{text} {why}")).key()
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in ["ada@example.com", " Ada.L+shop@mail.example.org ", "o'hara_&c@xn--bcher-kva.example"] {
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
            "ada@example.com.",
            "ada@.com",
            "a da@example.com",
            "\"a da\"@example.com",
            "ada@exa mple.com",
            "ada@exa_mple.com",
            "ada@-example.com",
            "ada@xn--a.example",
            "ada@ex\u{202e}ample.com",
            "ada@\u{5d0}1a.example",
            "ada@example.com,b@example.com",
            &long,
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn capital_letters_make_no_second_person() {
        assert_eq!(key("Ada@Example.com"), key("ada@example.COM"));
    }

    #[test]
    fn a_domain_is_known_by_its_name_in_the_dns() {
        for (typed, expected) in [
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("Ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
            ("ada@bu\u{308}cher.example", "ada@xn--bcher-kva.example"),
            ("ada@XN--bcher-KVA.example", "ada@xn--bcher-kva.example"),
            ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"),
            ("ada@ｅｘａｍｐｌｅ.com", "ada@example.com"),
            ("ada@fa\u{df}.example", "ada@xn--fa-hia.example"),
        ] {
            assert_eq!(key(typed), expected, "{typed}");
        }
    }

    #[test]
    fn look_alikes_before_the_at_are_refused_with_words() {
        // Kelvin, Ångström, Ohm, dotted capital I, long s, fullwidth, Cyrillic a, an accent of its own, zero width.
        for local in ["\u{212a}ate", "\u{212b}sa", "\u{2126}", "\u{130}da", "\u{17f}am", "ａda", "\u{430}da"] {
            let refused = Email::parse(&format!("{local}@example.com")).err().unwrap();
            assert!(refused.contains("before the @"), "{local}: {refused}");
        }
        for local in ["e\u{301}va", "a\u{200b}da", "ü"] {
            assert!(Email::parse(&format!("{local}@example.com")).is_err(), "{local}");
        }
    }

    #[test]
    fn a_mailbox_is_known_without_its_tags() {
        let mailbox = |text: &str| Email::parse(text).unwrap().mailbox();
        for text in ["ada@example.com", "Ada+1@example.com", "ada+a+b@EXAMPLE.com", "ada+@example.com"] {
            assert_eq!(mailbox(text), "ada@example.com", "{text}");
        }
        assert_eq!(mailbox("+1@example.com"), "+1@example.com");
        assert_ne!(mailbox("ada+1@example.com"), mailbox("ada+1@example.org"));
    }
}
