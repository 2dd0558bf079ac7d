//! The mistakes of this service, one for each of its cures.

use crate::{
    changes::judge::Attempted,
    domain::{Content, Letter, Recipient, Setback, Verdict},
    error::Error,
    jobs::{attempt::attempt, send_due::mark},
    mail::Composer,
    state::App,
    store::deliveries::Due,
};
use contracts::events::order::Created;
use futures_util::future::join_all;
use service_kit::{Clock, trace::Context};
use time::OffsetDateTime;

service_kit::cures! {
    ConfirmedWhenPaid: "confirmed-when-paid" = "the customer is told of a payment that was not made",
    SentThenMarked: "sent-then-marked" = "a mail is marked before it is sent",
    SetbackIsTriedAgain: "setback-is-tried-again" = "a mail that could not be sent counts as sent",
    MessageIdKept: "message-id-kept" = "a mail that is sent again looks like another one",
}

pub(crate) fn confirmed_at_once(order: &Created) -> Content {
    Content::OrderPaid { order_id: order.order_id, number: order.number, total: order.total }
}

pub(crate) async fn mark_then_send(app: &App, due: Vec<Due>) -> Result<(), Error> {
    let taken_as_sent = |mail: &Due| {
        let context = Context::continuing(mail.traceparent.as_deref());
        Attempted { mail: mail.clone(), outcome: Ok(()), context }
    };
    mark(app, due.iter().map(taken_as_sent).collect()).await?;
    join_all(due.into_iter().map(|mail| attempt(app, mail))).await;
    Ok(())
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
