//! Writes the mail: the letter as text and as HTML, and headers that nothing can be injected into.

use crate::domain::{Letter, Recipient};
use askama::Template;
use contracts::EventId;
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use service_kit::{cure, shop_name};
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    shop: &'a str,
    public_url: &'a str,
    first_name: Option<&'a str>,
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    shop: &'a str,
    public_url: &'a str,
    first_name: Option<&'a str>,
    letter: &'a Letter,
}

pub(crate) struct Composer {
    from: Mailbox,
    shop: String,
    public_url: String,
}

/// A mail that cannot be written: our bug, and no personal data in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComposeError {
    #[error("the mail's template failed: {0}")]
    Template(#[from] askama::Error),
    #[error("the mail cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
}

impl Composer {
    /// `public_url` is where people reach the shop.
    pub(crate) fn new(from: Mailbox, public_url: impl Into<String>) -> Self {
        let shop = from.name.clone().unwrap_or_else(|| shop_name::UNNAMED.to_owned());
        Self { from, shop, public_url: public_url.into() }
    }

    /// The Message-ID (RFC 5322, 3.6.4): the same however often an event's mail is sent.
    pub(crate) fn message_id(&self, event_id: EventId, template: &str) -> String {
        format!("<{event_id}.{template}@{}>", self.from.email.domain())
    }

    #[cure(message_id_kept, spoil = crate::labs::another_message_id)]
    pub(crate) fn compose(
        &self,
        letter: &Letter,
        recipient: &Recipient,
        message_id: String,
        date: OffsetDateTime,
    ) -> Result<Message, ComposeError> {
        let (shop, public_url, first_name) = (&*self.shop, &*self.public_url, recipient.first_name.as_deref());
        let text = Text { shop, public_url, first_name, letter }.render()?;
        let html = Html { shop, public_url, first_name, letter }.render()?;
        // RFC 3834: no machine should answer this.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.from.clone())
            .to(recipient.mailbox.clone())
            .subject(&letter.subject)
            .date(date.into())
            .message_id(Some(message_id))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(text, html))?;
        Ok(message)
    }
}
