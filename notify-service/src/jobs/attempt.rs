//! One attempt to send a mail: to whom, which is asked for many at once, and handing it to the mail server. Outside of any
//! transaction.

use crate::{
    changes::judge::Attempted,
    contacts,
    domain::{Content, Known, Letter, Recipient, Setback},
    metrics,
    outgoing::Mail,
    state::App,
    store::deliveries::Due,
};
use contracts::{AccountId, api::user::Contact};
use futures_util::FutureExt;
use service_kit::{
    spans::{Span, conventions},
    trace::{self, Context},
};
use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

/// One attempt takes no longer.
const DEADLINE: Duration = Duration::from_secs(20);

/// A mail whose attempt has begun, and to whom it goes.
pub(crate) struct Addressed {
    pub(crate) mail: Mail,
    /// None where it is asked for with the link it goes with.
    contact: Result<Option<Contact>, Setback>,
    content: Content,
    span: Span,
    /// The journey the mail tells of: what is called and announced of it belongs there.
    pub(crate) context: Context,
    began: Instant,
}

/// Begins their attempts, and asks for all their contacts by one call, which the journey of the first shows.
pub(crate) async fn address(app: &App, mails: Vec<Mail>) -> Vec<Addressed> {
    let mut begun: Vec<_> = mails.into_iter().map(|mail| begin(app, mail)).collect();
    let asked = begun.iter().filter(|one| one.needs_contact());
    let context = asked.clone().map(|one| one.context.clone()).next();
    let Some(context) = context else { return begun };
    // At most one mail of each person's is among them: nobody is asked for twice.
    let people = asked.map(Addressed::person).collect();
    let mut contacts = trace::within(context, contacts::ask(app, people)).await;
    for one in begun.iter_mut().filter(|one| one.needs_contact()) {
        if let Some(contact) = contacts.remove(&one.person()) {
            one.contact = contact.map(Some);
        }
    }
    begun
}

fn begin(app: &App, mail: Mail) -> Addressed {
    let due = &mail.due;
    let (mut span, mut context) = app.kit.spans.begin(due.traceparent.as_deref(), || conventions::work("send mail"));
    span.set(conventions::ATTEMPT, i64::from(due.attempts));
    span.set("ecom.mail.template", due.template.clone());
    context.correlation_id = Some(due.correlation_id);
    context.causation_id = Some(due.event_id.into());
    let unreadable = |cause| Setback::Passing(format!("the stored message cannot be read: {cause}"));
    let content = serde_json::from_value(due.content.clone()).map_err(unreadable);
    let spent = Setback::spent(due.attempts, app.attempts);
    let (content, contact) = match (spent, content) {
        (Some(spent), _) => (Content::Welcome, Err(spent)),
        (None, Ok(content)) => (content, Ok(None)),
        (None, Err(unreadable)) => (Content::Welcome, Err(unreadable)),
    };
    Addressed { mail, contact, content, span, context, began: Instant::now() }
}

impl Addressed {
    fn needs_contact(&self) -> bool {
        let asked_with_more = matches!(self.content, Content::VerifyEmail | Content::WithdrawalReceived { .. });
        self.contact.is_ok() && !asked_with_more && self.content.request_id().is_none()
    }

    fn person(&self) -> AccountId {
        self.mail.due.account_id.into()
    }
}

pub(crate) async fn attempt(app: &App, addressed: Addressed) -> Attempted {
    let Addressed { mail: Mail { due: mail, .. }, contact, content, mut span, context, began } = addressed;
    let outcome = match contact {
        Ok(contact) => trace::within(context.clone(), contained(send(app, &mail, &content, contact))).await,
        Err(setback) => Err(setback),
    };
    metrics::attempted(began.elapsed());
    span.judge(&outcome);
    Attempted { mail, outcome, context }
}

/// Bounds an attempt in time, and keeps a panic in it: one mail that no library can digest must not end the sending of
/// all the others.
async fn contained(attempt: impl Future<Output = Result<(), Setback>>) -> Result<(), Setback> {
    let passing = |reason: &str| Err(Setback::Passing(reason.to_owned()));
    match tokio::time::timeout(DEADLINE, AssertUnwindSafe(attempt).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panic)) => passing("the attempt panicked: a bug, see the log of that moment"),
        Err(_elapsed) => passing("the attempt took longer than 20 s"),
    }
}

async fn send(app: &App, mail: &Due, content: &Content, contact: Option<Contact>) -> Result<(), Setback> {
    let mut known = Known { order_number: mail.order_number, ..Known::default() };
    let recipient = match contact {
        Some(contact) => {
            let recipient = Recipient::parse(&contact, content);
            known.join_url = contact.join_url;
            recipient
        }
        None if let Some(request_id) = content.request_id() => {
            let asked = contacts::account_mail(app, request_id).await?;
            let recipient = Recipient::called(&asked.email, asked.first_name.as_deref());
            known.account = Some(asked);
            recipient
        }
        None if let Content::WithdrawalReceived { withdrawal_id, customer_id, .. } = content => {
            let receipt = contacts::withdrawal_receipt(app, *withdrawal_id).await?;
            match contacts::confirmed(app, *customer_id, &receipt.email).await? {
                Some(customer) => {
                    known.declared = Some(receipt);
                    Recipient::parse(&customer, content)
                }
                None => Recipient::unknown(&receipt.email),
            }
        }
        None => {
            let asked = contacts::registration_mail(app, mail.account_id.into(), mail.event_id.into()).await?;
            let recipient = Recipient::unknown(&asked.email);
            known.registration = Some(asked);
            recipient
        }
    };
    let recipient = recipient.map_err(|reason| Setback::Lasting(reason.to_owned()))?;
    let letter = Letter::with(content, &known);
    // When it was handed to us (RFC 5322, 3.6.1): the same at every attempt, so that the copies of one mail are one.
    let composed = app.composer.compose(&letter, &recipient, mail.message_id_header.clone(), mail.created_at);
    let message = composed.map_err(|cause| Setback::Passing(cause.to_string()))?;
    app.post.send(mail.id, &message).await.map_err(|cause| Setback::Passing(cause.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Setback, contained};

    #[tokio::test]
    async fn a_panic_in_one_attempt_is_a_setback_of_that_mail() {
        let outcome = contained(async { panic!("no library can digest this") }).await;
        assert!(matches!(outcome, Err(Setback::Passing(reason)) if reason.contains("panicked")));
    }
}
