//! Charges payments, and finds out what became of charges whose answer is missing.

use super::{
    charge::{order, say, told},
    side_by_side::{About, Heard, Talk, side_by_side},
};
use crate::{
    at_hand::{Begun, Turn},
    changes::settle::{Answered, settle},
    domain::Step,
    error::Error,
    provider::ChargeAnswer,
    state::App,
    store::payments::{self, PutOff, Stored},
};
use futures_util::stream::{self, Stream, StreamExt};
use service_kit::jobs::Progress;
use std::time::Duration;
use time::OffsetDateTime;

/// After so long another run takes what is handed over, and this one only ends what it began: no run may last for ever.
const ROUND: Duration = Duration::from_secs(10);

/// What is talked about with the provider when a payment is at hand.
pub(super) const PAYMENTS: About<Stored, Step, ChargeAnswer> = About {
    say: |app, payment, step| Box::pin(say(&app.provider, step, order(payment))),
    book: |app, heard| Box::pin(book(app, heard)),
    put_aside: |app, payment, until, trouble| Box::pin(put_aside(app, payment, until, trouble)),
    attempts: |payment| payment.attempts,
};

/// Says of each payment that is handed over to the provider what is to be said, and books the answers as they come.
pub(super) async fn run(app: App) -> Result<Progress, Error> {
    let Some(turn) = app.at_hand.turn() else { return Ok(Progress::Idle) };
    side_by_side(&app, begun(&app, turn), &PAYMENTS).await?;
    Ok(Progress::Idle)
}

fn begun(app: &App, turn: Turn) -> impl Stream<Item = (Talk<Stored>, Step)> + Send + '_ {
    let handed = stream::unfold(turn, |mut turn| async move { Some((turn.next().await, turn)) });
    let talks = handed.map(|Begun { payment, place }| {
        let (talk, step) = begin(app, payment);
        (talk.at(place), step)
    });
    talks.take_until(tokio::time::sleep(ROUND))
}

pub(super) fn begin(app: &App, due: Stored) -> (Talk<Stored>, Step) {
    let step = due.payment.next_step(due.attempts > 1, app.kit.clock.now());
    (Talk::begin(app, "settle payment", due, |due| (&due.origin, due.attempts)), step)
}

/// By one transaction. Who is told that there is no such charge is charged, or given up, at once.
async fn book(app: &App, heard: &[Heard<Stored, ChargeAnswer>]) -> Result<Vec<Option<Step>>, Error> {
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

async fn put_aside(app: &App, payment: &Stored, next_at: OffsetDateTime, trouble: String) -> Result<(), Error> {
    let mut connection = app.kit.database.acquire().await?;
    let aside = PutOff { id: payment.payment.id, next_at, trouble };
    Ok(payments::put_off(&mut connection, &[aside]).await?)
}
