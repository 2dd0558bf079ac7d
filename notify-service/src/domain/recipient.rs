//! Whom a mail goes to. What user-service answered is not trusted to fit into a header.

use super::content::Content;
use contracts::api::user::Contact;
use lettre::{Address, message::Mailbox};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub(crate) mailbox: Mailbox,
    /// What they are greeted by; none where a mail names nobody.
    pub(crate) first_name: Option<String>,
}

impl Recipient {
    /// Somebody whose name nobody has vouched for.
    pub(crate) fn unknown(email: &str) -> Result<Self, &'static str> {
        Ok(Self { mailbox: Mailbox::new(None, address(email)?), first_name: None })
    }

    /// Somebody who is greeted by their first name, where user-service vouches for it.
    pub(crate) fn called(email: &str, first_name: Option<&str>) -> Result<Self, &'static str> {
        let first_name = first_name.map(one_line).filter(|name| !name.is_empty());
        Ok(Self { mailbox: Mailbox::new(None, address(email)?), first_name })
    }

    /// The address cannot be written into a mail: nothing will change that. The address itself is not part of the
    /// reason, since reasons are stored.
    pub(crate) fn parse(contact: &Contact, content: &Content) -> Result<Self, &'static str> {
        let address = address(&contact.email)?;
        if !content.by_name() {
            return Ok(Self { mailbox: Mailbox::new(None, address), first_name: None });
        }
        let given = |name: String| Some(name).filter(|name| !name.is_empty());
        let first_name = one_line(&contact.first_name);
        let name = one_line(&format!("{first_name} {}", contact.last_name));
        Ok(Self { mailbox: Mailbox::new(given(name), address), first_name: given(first_name) })
    }
}

fn address(email: &str) -> Result<Address, &'static str> {
    let address = email.parse().ok().and_then(|address: Address| in_ascii(&address));
    address.ok_or("the account's address is none that a mail can be sent to")
}

/// With its domain as the DNS has it (IDNA): a mail server need not know any other form (RFC 6531 is an extension).
pub(crate) fn in_ascii(address: &Address) -> Option<Address> {
    if address.domain().is_ascii() {
        return Some(address.clone());
    }
    let domain = idna::domain_to_ascii_cow(address.domain().as_bytes(), idna::AsciiDenyList::URL).ok()?;
    Address::new(address.user(), domain).ok()
}

/// A line break in a name would begin a header of the sender's choice.
fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_control() || letter.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::Recipient;
    use crate::domain::Content;
    use contracts::api::user::Contact;
    use uuid::Uuid;

    fn contact(email: &str, first_name: &str) -> Contact {
        Contact {
            account_id: Uuid::nil().into(),
            email: email.to_owned(),
            first_name: first_name.to_owned(),
            last_name: "Lovelace".to_owned(),
            join_url: None,
        }
    }

    #[test]
    fn a_name_stays_on_one_line() {
        let contact = contact("ada@example.com", "Ada\r\nBcc: x@example.com\0");
        let recipient = Recipient::parse(&contact, &Content::Welcome).unwrap();
        assert_eq!(recipient.mailbox.name.as_deref(), Some("Ada Bcc: x@example.com Lovelace"));
    }

    #[test]
    fn who_is_not_known_is_called_by_no_name() {
        let recipient = Recipient::unknown("ada@example.com").unwrap();
        assert_eq!((recipient.mailbox.to_string().as_str(), recipient.first_name), ("ada@example.com", None));
    }

    /// Of a guest user-service tells no name.
    #[test]
    fn a_guest_is_called_by_no_name() {
        let guest = Contact { last_name: String::new(), ..contact("ada@example.com", "") };
        let recipient = Recipient::parse(&guest, &Content::Welcome).unwrap();
        assert_eq!((recipient.mailbox.to_string().as_str(), recipient.first_name), ("ada@example.com", None));
    }

    #[test]
    fn nobody_is_named_at_an_address_that_is_not_confirmed() {
        for content in [Content::VerifyEmail, Content::RegistrationRepeated] {
            let recipient = Recipient::parse(&contact("ada@example.com", "Win 500 EUR"), &content).unwrap();
            assert_eq!((recipient.mailbox.to_string().as_str(), recipient.first_name), ("ada@example.com", None));
        }
    }

    #[test]
    fn a_domain_is_written_as_the_dns_has_it() {
        for (typed, sent) in [
            ("ada@b\u{fc}cher.example", "ada@xn--bcher-kva.example"),
            ("ada@bu\u{308}cher.example", "ada@xn--bcher-kva.example"),
            ("ada@\u{4f8b}\u{3048}.\u{30c6}\u{30b9}\u{30c8}", "ada@xn--r8jz45g.xn--zckzah"),
            ("ada@stra\u{df}e.example", "ada@xn--strae-oqa.example"),
            ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
            ("Ada.L+shop@Example.com", "Ada.L+shop@Example.com"),
        ] {
            let recipient = Recipient::parse(&contact(typed, "Ada"), &Content::Welcome).unwrap();
            assert_eq!(recipient.mailbox.email.to_string(), sent);
        }
    }

    #[test]
    fn an_address_with_a_line_break_or_a_second_address_is_refused_without_being_named() {
        let bad = [
            "ada@example.com\r\nBcc: x@example.com",
            "ada@example.com, x@example.com",
            "a <b@example.com>",
            "ada@b\u{fc}cher.exa mple",
            "ada@xn--\u{fc}.example",
            "ada@\u{0301}.example",
        ];
        for bad in bad {
            let reason = Recipient::parse(&contact(bad, "Ada"), &Content::Welcome).unwrap_err();
            assert!(!reason.contains('@'), "{reason}");
        }
    }
}
