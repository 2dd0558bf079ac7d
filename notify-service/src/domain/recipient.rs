//! Whom a mail goes to. What user-service answered is not trusted to fit into a header.

use contracts::api::user::Contact;
use lettre::{Address, message::Mailbox};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub(crate) mailbox: Mailbox,
    pub(crate) first_name: String,
}

impl Recipient {
    /// The address cannot be written into a mail: nothing will change that. The address itself is not part of the
    /// reason, since reasons are stored.
    pub(crate) fn parse(contact: &Contact) -> Result<Self, &'static str> {
        let address: Address =
            contact.email.parse().map_err(|_| "the account's address is none that a mail can be sent to")?;
        let first_name = one_line(&contact.first_name);
        let name = one_line(&format!("{first_name} {}", contact.last_name));
        Ok(Self { mailbox: Mailbox::new(Some(name).filter(|name| !name.is_empty()), address), first_name })
    }
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
    use contracts::api::user::Contact;
    use uuid::Uuid;

    fn contact(email: &str, first_name: &str) -> Contact {
        Contact {
            account_id: Uuid::nil().into(),
            email: email.to_owned(),
            first_name: first_name.to_owned(),
            last_name: "Lovelace".to_owned(),
        }
    }

    #[test]
    fn a_name_stays_on_one_line() {
        let recipient = Recipient::parse(&contact("ada@example.com", "Ada\r\nBcc: x@example.com\0")).unwrap();
        assert_eq!(recipient.mailbox.name.as_deref(), Some("Ada Bcc: x@example.com Lovelace"));
    }

    #[test]
    fn an_address_with_a_line_break_or_a_second_address_is_refused_without_being_named() {
        for bad in ["ada@example.com\r\nBcc: x@example.com", "ada@example.com, x@example.com", "a <b@example.com>"] {
            let reason = Recipient::parse(&contact(bad, "Ada")).unwrap_err();
            assert!(!reason.contains('@'), "{reason}");
        }
    }
}
