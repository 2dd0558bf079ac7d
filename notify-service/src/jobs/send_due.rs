//! Sends the mails that are due, several at a time: claims them in a short transaction, asks user-service for the
//! address and the mail server to take the mail outside of any, then stores what became of it.
//!
//! Killed between the mail server's yes and storing it, the mail is sent again when its lease is over, under the same
//! Message-ID.

use crate::{
    Error,
    app::App,
    domain::{Content, Known, Letter, Recipient, delay},
    mail::CONNECTIONS,
    metrics::{self, Outcome},
    store::{
        deliveries::{self, Due},
        messages,
    },
};
use contracts::{
    AccountId, EventId, MessageId, ServiceName,
    api::user::{Contact, RegistrationMail, RegistrationMailRequest},
    events::{
        EventData,
        notification::{Failed, Sent},
    },
};
use futures_util::{FutureExt, future::join_all};
use service_kit::{
    Cause, KitError, Tx, ambient,
    jobs::Progress,
    labs::{cure, step},
    peers::PeerError,
    spans::conventions,
    trace,
};
use std::{panic::AssertUnwindSafe, time::Instant};
use time::Duration;

/// One attempt takes no longer.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(20);
/// Longer than an attempt and storing its outcome can take; then somebody else may try.
const LEASE: Duration = Duration::seconds(30);

/// Why an attempt failed. The reason is stored and logged: it names no person.
#[derive(Debug, thiserror::Error)]
enum Setback {
    /// The next attempt may succeed.
    #[error("{0}")]
    Passing(String),
    /// No attempt will.
    #[error("{0}")]
    Lasting(String),
}

pub(crate) async fn send_due(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.pool().acquire().await?;
    let due = deliveries::take_due(&mut connection, now, now + LEASE, i64::from(CONNECTIONS)).await?;
    drop(connection);
    if due.is_empty() {
        return Ok(Progress::Idle);
    }
    let stored = join_all(due.into_iter().map(|mail| deliver(&app, mail))).await;
    stored.into_iter().collect::<Result<(), Error>>()?;
    Ok(Progress::More)
}

async fn deliver(app: &App, mail: Due) -> Result<(), Error> {
    // The calls and the events below belong to the journey the mail tells of.
    let (mut span, mut context) = app.kit.spans.begin(mail.traceparent.as_deref(), || conventions::work("send mail"));
    span.set(conventions::ATTEMPT, i64::from(mail.attempts));
    span.set("ecom.mail.template", mail.template.clone());
    context.correlation_id = Some(mail.correlation_id);
    context.causation_id = Some(mail.event_id.into());
    trace::within(context, async {
        // An attempt that takes its process along never returns to be judged below: whoever has the mail next ends it.
        if mail.attempts > app.attempts {
            let begun = mail.attempts - 1;
            let reason = format!("no attempt is left: {begun} were begun, and none is known to have delivered it");
            return give_up(app, &mail, &reason).await;
        }
        // Sent, then marked: killed in between, the mail goes out again. The other way round it never does.
        if !cure("sent-then-marked") {
            sent(app, &mail).await?;
        }
        let started = Instant::now();
        let attempt = contained(attempt(app, &mail)).await;
        metrics::attempted(started.elapsed());
        span.judge(&attempt);
        match attempt {
            Ok(()) => {
                step("mail-sent").await?;
                sent(app, &mail).await
            }
            // A setback is not the end of a mail.
            Err(Setback::Passing(_)) if !cure("setback-is-tried-again") => sent(app, &mail).await,
            Err(Setback::Passing(reason)) if mail.attempts < app.attempts => put_off(app, &mail, &reason).await,
            Err(Setback::Passing(reason) | Setback::Lasting(reason)) => give_up(app, &mail, &reason).await,
        }
    })
    .await
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

async fn attempt(app: &App, mail: &Due) -> Result<(), Setback> {
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
    // Made from the event: a mail sent twice is recognised as one.
    let fresh = app.composer.message_id(app.kit.clock.new_id(), &mail.template);
    let message_id = if cure("message-id-kept") { &mail.message_id_header } else { &fresh };
    // When it was handed to us (RFC 5322, 3.6.1): the same at every attempt, so that the copies of one mail are one.
    let composed = app.composer.compose(&letter, &recipient, message_id, mail.created_at);
    let message = composed.map_err(|cause| Setback::Passing(cause.to_string()))?;
    app.post.send(mail.id, message).await.map_err(|cause| Setback::Passing(cause.to_string()))
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

async fn sent(app: &App, mail: &Due) -> Result<(), Error> {
    let mut tx = app.kit.database.begin("send_due").await?;
    if deliveries::mark_sent(&mut tx, mail.id, app.kit.clock.now()).await? {
        let (message_id, account_id) = (mail.message_id.into(), mail.account_id.into());
        announce(app, &mut tx, message_id, Sent { message_id, account_id, template: mail.template.clone() }).await?;
    }
    let _committed = tx.commit().await?;
    step("mail-marked").await?;
    metrics::mail(Outcome::Sent);
    tracing::info!(
        notification.id = %mail.message_id, order.number = mail.order_number, template = mail.template,
        attempts = mail.attempts, "a mail was sent"
    );
    Ok(())
}

async fn put_off(app: &App, mail: &Due, reason: &str) -> Result<(), Error> {
    let next_at = app.kit.clock.now() + delay(mail.attempts, ambient::jitter());
    let mut connection = app.kit.database.pool().acquire().await?;
    deliveries::put_off(&mut connection, mail.id, mail.attempts, reason, next_at).await?;
    metrics::mail(Outcome::PutOff);
    tracing::warn!(notification.id = %mail.message_id, attempts = mail.attempts, error.message = reason, "a mail will be tried again");
    Ok(())
}

async fn give_up(app: &App, mail: &Due, reason: &str) -> Result<(), Error> {
    let mut tx = app.kit.database.begin("send_due").await?;
    if deliveries::give_up(&mut tx, mail.id, mail.attempts, reason).await? {
        let (message_id, account_id) = (mail.message_id.into(), mail.account_id.into());
        let template = mail.template.clone();
        announce(app, &mut tx, message_id, Failed { message_id, account_id, template, attempts: mail.attempts })
            .await?;
        metrics::mail(Outcome::Failed);
        tracing::error!(notification.id = %mail.message_id, attempts = mail.attempts, error.message = reason, "a mail was given up");
    }
    let _committed = tx.commit().await?;
    Ok(())
}

async fn announce<T: EventData>(app: &App, tx: &mut Tx, message_id: MessageId, event: T) -> Result<EventId, Error> {
    let sequence = messages::next_version(tx, message_id).await?;
    Ok(app.kit.announce(tx, &Cause::current(), sequence, event)?)
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
