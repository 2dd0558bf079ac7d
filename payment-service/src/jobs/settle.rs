//! Charges payments, and finds out what became of charges whose answer is missing.

use super::{
    charge::{order, say, told},
    side_by_side::{Heard, Talk, side_by_side},
};
use crate::{
    changes::settle::{Answered, settle},
    domain::Step,
    error::Error,
    provider::ChargeAnswer,
    state::App,
    store::payments::{self, Stored},
};
use service_kit::jobs::Progress;

/// Payments that one worker talks about at the same time.
const SLICE: i64 = 16;

/// Claims what is due, says of each to the provider what is to be said, and books the answers as they come.
pub(super) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.acquire().await?;
    let due = payments::claim(&mut connection, now, now + app.lease, SLICE).await?;
    drop(connection);
    if due.is_empty() {
        return Ok(Progress::Idle);
    }
    // There may be more: a neighbour looks meanwhile.
    app.payments_due.notify_one();
    let talks = due.into_iter().map(|payment| begin(&app, payment)).collect();
    side_by_side(
        &app,
        talks,
        |app, payment, step| Box::pin(say(&app.provider, step, order(payment))),
        |app, heard| Box::pin(book(app, heard)),
    )
    .await?;
    Ok(Progress::More)
}

pub(super) fn begin(app: &App, due: Stored) -> (Talk<Stored>, Step) {
    let step = due.payment.next_step(due.attempts > 1, app.kit.clock.now());
    (Talk::begin(app, "settle payment", due, |due| (&due.origin, due.attempts)), step)
}

/// By one transaction. Who is told that there is no such charge is charged, or given up, at once.
pub(super) async fn book(app: &App, heard: &[Heard<Stored, ChargeAnswer>]) -> Result<Vec<Option<Step>>, Error> {
    let answered = heard.iter().map(|Heard { talk, answer }| Answered {
        payment: talk.row.payment.id,
        told: told(answer.clone()),
        cause: talk.cause.clone(),
    });
    let mut tx = app.kit.database.begin("settle").await?;
    let next = settle(app, &mut tx, answered.collect()).await?;
    let _committed = tx.commit().await?;
    Ok(next)
}
