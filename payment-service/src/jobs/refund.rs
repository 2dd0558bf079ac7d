//! Gives money back. There is no deadline: what is owed is owed, and is tried until it is done.

use super::side_by_side::{About, Heard, Talk, side_by_side};
use crate::{
    changes::refund::{Answered, refund},
    error::Error,
    provider::{Provider, RefundAnswer, RefundOrder},
    state::App,
    store::refunds::{self, Claimed, PutOff},
};
use futures_util::stream;
use service_kit::{cure, jobs::Progress};
use time::OffsetDateTime;

/// Refunds that one worker talks about at the same time.
const SLICE: i64 = 16;

/// What is talked about with the provider when a refund is at hand.
pub(super) const REFUNDS: About<Claimed, Word, RefundAnswer> = About {
    say: |app, refund, Word| Box::pin(give_back(&app.provider, order(refund), refund.attempts > 1)),
    book: |app, heard| Box::pin(book(app, heard)),
    put_aside: |app, refund, until, trouble| Box::pin(put_aside(app, refund, until, trouble)),
    attempts: |refund| refund.attempts,
};

/// Claims what is due, lets the provider give each back, and books the answers as they come.
pub(super) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    if !app.kit.database.glance(|connection| Box::pin(refunds::is_due(connection, now))).await? {
        return Ok(Progress::Idle);
    }
    let mut tx = app.kit.database.begin("claim_refunds").await?;
    let due = refunds::claim(&mut tx, now, now + app.lease, SLICE).await?;
    let _committed = tx.commit().await?;
    if due.is_empty() {
        return Ok(Progress::Idle);
    }
    app.refunds_due.notify_one();
    let talks = due.into_iter().map(|refund| (begin(&app, refund), Word));
    side_by_side(&app, stream::iter(talks), &REFUNDS).await?;
    Ok(Progress::More)
}

/// There is but one thing to say of a refund.
pub(super) struct Word;

pub(super) fn begin(app: &App, due: Claimed) -> Talk<Claimed> {
    Talk::begin(app, "refund", due, |due| (&due.origin, due.attempts))
}

fn order(refund: &Claimed) -> RefundOrder {
    RefundOrder { key: refund.provider_key.clone(), charge: refund.charge_reference.clone(), amount: refund.amount }
}

/// Where a call was begun before, asks what became of it, and sends it again only when there is nothing.
/// The key is the same for ever: (order, causing event). A fresh one gives the money back again.
#[cure(refund_key_kept, spoil = crate::labs::refund_key_of_this_attempt)]
async fn give_back(provider: &Provider, order: RefundOrder, sent_before: bool) -> RefundAnswer {
    if sent_before {
        let found = provider.find_refund(&order).await;
        if found != RefundAnswer::NoSuchRefund {
            return found;
        }
    }
    provider.refund(&order).await
}

/// By one transaction.
async fn book(app: &App, heard: &[Heard<Claimed, RefundAnswer>]) -> Result<Vec<Option<Word>>, Error> {
    let answered = heard.iter().map(|Heard { talk, answer }| Answered {
        refund: talk.row.clone(),
        reference: reference(answer.clone()),
        cause: talk.cause.clone(),
    });
    let mut tx = app.kit.database.begin("refund").await?;
    refund(app, &mut tx, answered.collect()).await?;
    let _committed = tx.commit().await?;
    Ok(heard.iter().map(|_| None).collect())
}

async fn put_aside(app: &App, refund: &Claimed, next_at: OffsetDateTime, trouble: String) -> Result<(), Error> {
    let mut connection = app.kit.database.acquire().await?;
    Ok(refunds::put_off(&mut connection, &[PutOff { id: refund.id, next_at, trouble }]).await?)
}

fn reference(answer: RefundAnswer) -> Result<String, String> {
    match answer {
        RefundAnswer::Completed { reference } => Ok(reference),
        RefundAnswer::NoSuchRefund => Err("the provider does not know the charge".to_owned()),
        RefundAnswer::Unclear { trouble } => Err(trouble),
    }
}
