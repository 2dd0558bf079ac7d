//! E-mail addresses, and what tells two of them apart.

use email_address::{EmailAddress, Options};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// The address alone, without a name before it, at a domain of the internet: no literal and no bare host.
const STRICT: Options = Options { minimum_sub_domains: 2, allow_domain_literal: false, allow_display_text: false };

const NO_ADDRESS: &str = "is not an e-mail address: expected a form like name@example.com";

/// A valid address (RFC 5321's form, with a domain) that any mail server takes: ASCII before the `@`, and the domain in
/// the form the DNS knows it by (IDNA; `bücher.example` is `xn--bcher-kva.example`). Without `Debug`: it would end up in
/// a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Email(String);

impl Email {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
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

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What accounts are told apart by: mail systems treat capital letters alike.
    pub(crate) fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The mailbox behind the address, for bounds on what is sent to it: most mail systems put `ada+shop` into `ada`'s.
    pub(crate) fn mailbox(&self) -> String {
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

fn to_ascii(domain: &str) -> Option<String> {
    let ascii = Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify);
    ascii.ok().map(std::borrow::Cow::into_owned)
}

/// The key of an address that was taken under older rules, which let any letter stand before the `@`: such an address
/// keeps them, so that it is nobody else's. None for what is no address by any rules.
pub fn key_of_stored(email: &str) -> Option<String> {
    let (local, domain) = email.trim().rsplit_once('@')?;
    let domain = to_ascii(domain)?;
    Some(format!("{}@{domain}", local.to_ascii_lowercase()))
}

/// The same address with its domain's name in the DNS, where it has one, and its key.
pub(crate) fn canonical(stored: &str) -> (String, String) {
    let address = stored.rsplit_once('@').and_then(|(local, domain)| Some(format!("{local}@{}", to_ascii(domain)?)));
    (address.unwrap_or_else(|| stored.to_owned()), key_of_stored(stored).unwrap_or_else(|| stored.to_lowercase()))
}

/// The name under which attempts with a typed address are counted: one for all the ways it is written.
pub(crate) fn login_name(typed: &str) -> String {
    key_of_stored(typed).unwrap_or_else(|| typed.trim().to_owned()).to_lowercase()
}

/// Under which keys an account of this address may be found, the likeliest first. An account whose new key belongs to
/// another keeps its old one, which was the whole address in lower case by Unicode, until a person decides.
pub(crate) fn known_keys(typed: &str) -> Vec<String> {
    let typed = typed.trim();
    let (old, new) = (typed.to_lowercase(), key_of_stored(typed));
    // An old key that is ASCII is the new one as well, or that of somebody the typed address only looks like.
    let mut keys: Vec<String> = new.as_ref().is_none_or(|_| !old.is_ascii()).then_some(old).into_iter().collect();
    keys.extend(new.filter(|new| !keys.contains(new)));
    keys.retain(|key| !key.contains('\0'));
    keys
}

#[cfg(test)]
mod tests {
    use super::{Email, key_of_stored, known_keys, login_name};

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

    #[test]
    fn what_was_taken_before_keeps_its_letters_and_is_nobody_elses() {
        assert_eq!(key_of_stored("\u{212a}ate@example.com").as_deref(), Some("\u{212a}ate@example.com"));
        assert_eq!(key_of_stored("Ada@Bücher.example").as_deref(), Some("ada@xn--bcher-kva.example"));
        assert_eq!(key_of_stored("ada@example.com").as_deref(), Some("ada@example.com"));
        assert_eq!(key_of_stored("no address"), None);
    }

    #[test]
    fn attempts_count_under_one_name_however_the_address_is_written() {
        for (one, other) in [
            ("Ada@Bücher.example", " ada@xn--bcher-kva.example"),
            ("\u{dc}@example.com", "\u{fc}@Example.com"),
            ("no address", " No Address"),
        ] {
            assert_eq!(login_name(one), login_name(other));
        }
    }

    #[test]
    fn a_typed_address_is_looked_for_under_its_old_and_its_new_key() {
        assert_eq!(known_keys("Ada@example.com"), ["ada@example.com"]);
        assert_eq!(known_keys(" Ada@Bücher.example"), ["ada@bücher.example", "ada@xn--bcher-kva.example"]);
        assert_eq!(known_keys("\u{dc}@example.com"), ["\u{fc}@example.com", "\u{dc}@example.com"]);
        // Never under the key of whom it looks like.
        assert_eq!(known_keys("\u{212a}ate@example.com"), ["\u{212a}ate@example.com"]);
        // A domain that today's rules refuse.
        assert_eq!(known_keys("Ada@exa_mple.com"), ["ada@exa_mple.com"]);
        assert_eq!(known_keys("a\0@example.com"), Vec::<String>::new());
    }
}
