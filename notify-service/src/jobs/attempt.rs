//! One attempt to send a mail: asks user-service for the address, and hands the mail to the mail server, outside of any
//! transaction.

use crate::{
    changes::judge::Attempted,
    domain::{Content, Known, Letter, Recipient, Setback},
    metrics,
    state::App,
    store::deliveries::Due,
};
use contracts::{
    AccountId, ServiceName,
    api::user::{Contact, RegistrationMail, RegistrationMailRequest},
};
use futures_util::FutureExt;
use service_kit::{KitError, peers::PeerError, spans::conventions, trace};
use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

/// One attempt takes no longer.
const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) async fn attempt(app: &App, mail: Due) -> Attempted {
    // The calls below, and what is announced of them, belong to the journey the mail tells of.
    let (mut span, mut context) = app.kit.spans.begin(mail.traceparent.as_deref(), || conventions::work("send mail"));
    span.set(conventions::ATTEMPT, i64::from(mail.attempts));
    span.set("ecom.mail.template", mail.template.clone());
    context.correlation_id = Some(mail.correlation_id);
    context.causation_id = Some(mail.event_id.into());
    let outcome = trace::within(context.clone(), async {
        if let Some(spent) = Setback::spent(mail.attempts, app.attempts) {
            return Err(spent);
        }
        let started = Instant::now();
        let outcome = contained(send(app, &mail)).await;
        metrics::attempted(started.elapsed());
        span.judge(&outcome);
        outcome
    });
    let outcome = outcome.await;
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

async fn send(app: &App, mail: &Due) -> Result<(), Setback> {
    let content: Content = serde_json::from_value(mail.content.clone())
        .map_err(|cause| Setback::Passing(format!("the stored message cannot be read: {cause}")))?;
    let mut known = Known { registration: None, order_number: mail.order_number };
    let recipient = if content == Content::VerifyEmail {
        let asked = registration_mail(app, mail).await.map_err(setback)?;
        let recipient = Recipient::unknown(&asked.email);
        known.registration = Some(asked);
        recipient
    } else {
        let path = format!("/internal/accounts/{}/contact", AccountId::from(mail.account_id));
        let contact: Contact = app.kit.peers.get(ServiceName::User, &path).await.map_err(setback)?;
        Recipient::parse(&contact, &content)
    };
    let recipient = recipient.map_err(|reason| Setback::Lasting(reason.to_owned()))?;
    let letter = Letter::with(&content, &known);
    // When it was handed to us (RFC 5322, 3.6.1): the same at every attempt, so that the copies of one mail are one.
    let composed = app.composer.compose(&letter, &recipient, mail.message_id_header.clone(), mail.created_at);
    let message = composed.map_err(|cause| Setback::Passing(cause.to_string()))?;
    app.post.send(mail.id, &message).await.map_err(|cause| Setback::Passing(cause.to_string()))
}

/// Whom the mail goes to, and with which link: asked together, so that one fits the other.
async fn registration_mail(app: &App, mail: &Due) -> Result<RegistrationMail, KitError> {
    let path = format!("/internal/registrations/{}/mail", AccountId::from(mail.account_id));
    let request = RegistrationMailRequest { event_id: mail.event_id.into() };
    app.kit.peers.post(ServiceName::User, &path, &request).await
}

/// Only user-service itself can say that an account is gone; any other trouble passes.
fn setback(error: KitError) -> Setback {
    match error {
        KitError::Peer(PeerError::Refused { problem, .. })
            if matches!(problem.code.as_str(), "account_not_found" | "registration_not_found") =>
        {
            Setback::Lasting(format!("user-service answered {}", problem.code))
        }
        // What cannot be read may be quoted, and it is somebody's contact.
        KitError::Peer(PeerError::Unreadable { peer, .. }) => {
            Setback::Passing(format!("{peer} answered what we cannot read"))
        }
        other => Setback::Passing(other.to_string()),
    }
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
