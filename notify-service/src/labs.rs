//! The mistakes of this service, one for each of its cures.

use crate::{
    changes::{
        judge::Attempted,
        tell::{News, tell},
    },
    domain::{Content, Letter, Recipient, Setback, Verdict},
    error::Error,
    jobs::{
        attempt::{Addressed, attempt},
        mark::{Ended, mark},
    },
    mail::Composer,
    state::App,
};
use contracts::events::order::Created;
use service_kit::{Clock, Committed, Tx};
use time::OffsetDateTime;
use tokio::sync::mpsc::UnboundedSender;

service_kit::cures! {
    ConfirmedWhenPaid: "confirmed-when-paid" = "the customer is told of a payment that was not made",
    HandedOverAfterCommit: "handed-over-after-commit" = "mails leave that tell of what was rolled back",
    LeftBehindIsClaimed: "left-behind-is-claimed" = "a mail that did not leave at once never does",
    SentThenMarked: "sent-then-marked" = "a mail is marked before it is sent",
    SetbackIsTriedAgain: "setback-is-tried-again" = "a mail that could not be sent counts as sent",
    MessageIdKept: "message-id-kept" = "a mail that is sent again looks like another one",
}

pub(crate) fn confirmed_at_once(order: &Created) -> Content {
    Content::OrderPaid { order_id: order.order_id, number: order.number, total: order.total }
}

pub(crate) async fn hand_over_first(app: &App, mut tx: Tx, news: Vec<News>) -> Result<Committed, Error> {
    tell(app, &mut tx, news).await?.hand_over(app);
    Ok(tx.commit().await?)
}

pub(crate) async fn mark_then_send(app: &App, addressed: Addressed, _to_mark: &UnboundedSender<Ended>) {
    let (mail, context) = (addressed.mail.due.clone(), addressed.context.clone());
    let taken_as_sent = Attempted { mail, outcome: Ok(()), context };
    let marked = mark(app, std::slice::from_ref(&taken_as_sent)).await;
    if marked.is_ok() {
        attempt(app, addressed).await;
    }
    app.outgoing.ended(&[taken_as_sent.mail.id]);
}

pub(crate) fn sent_all_the_same(outcome: &Result<(), Setback>, attempts: i32, most: i32) -> Verdict {
    match outcome {
        Err(Setback::Passing(_)) => Verdict::Sent,
        judged => Verdict::after(judged, attempts, most),
    }
}

pub(crate) fn another_message_id<'a>(
    composer: &Composer,
    letter: &'a Letter,
    recipient: &'a Recipient,
    _kept: String,
    date: OffsetDateTime,
) -> (&'a Letter, &'a Recipient, String, OffsetDateTime) {
    (letter, recipient, composer.message_id(Clock::system().new_id(), "again"), date)
}
