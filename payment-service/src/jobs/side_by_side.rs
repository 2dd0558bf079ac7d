//! Talks with the provider about many things side by side. Whatever was answered while the last answers were booked is
//! booked together: nobody waits for who is slow, and a crowd shares its transactions.

use crate::{error::Error, origin::Origin, state::App};
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use service_kit::{
    Cause, Fault, Kind,
    spans::{Span, conventions},
    trace,
};

/// One of a slice, with a span and a journey of its own.
pub(super) struct Talk<R> {
    pub(super) row: R,
    pub(super) cause: Cause,
    span: Span,
    context: trace::Context,
}

/// What was answered in it.
pub(super) struct Heard<R, A> {
    pub(super) talk: Talk<R>,
    pub(super) answer: A,
}

impl<R> Talk<R> {
    /// The trace of what began it, and a span of its own.
    pub(super) fn begin(app: &App, work: &'static str, row: R, of: impl Fn(&R) -> (&Origin, i32)) -> Self {
        let (origin, attempts) = of(&row);
        let (mut span, mut context) = app.kit.spans.begin(origin.traceparent.as_deref(), || conventions::work(work));
        span.set(conventions::ATTEMPT, i64::from(attempts));
        context.correlation_id = Some(origin.correlation_id);
        context.causation_id = Some(origin.caused_by);
        let cause = Cause {
            correlation_id: context.correlation_id,
            causation_id: context.causation_id,
            event_type: None,
            traceparent: context.traceparent.clone(),
        };
        Self { row, cause, span, context }
    }
}

/// One word and its answer.
type Say<R, S, A> = for<'a> fn(&'a App, &'a R, S) -> BoxFuture<'a, A>;
/// Books what was heard, by one transaction, and gives for each what is to be said at once.
type Book<R, S, A> = for<'a> fn(&'a App, &'a [Heard<R, A>]) -> BoxFuture<'a, Result<Vec<Option<S>>, Error>>;

/// Says the first word of each talk, and goes on until nothing is left to say. Where some could not be booked all others
/// were, and one of the errors is told.
pub(super) async fn side_by_side<R: Send + Sync, S: Send, A: Send + Sync>(
    app: &App,
    talks: Vec<(Talk<R>, S)>,
    say: Say<R, S, A>,
    book: Book<R, S, A>,
) -> Result<(), Error> {
    let hear = |(talk, word): (Talk<R>, S)| async move {
        let answer = trace::within(talk.context.clone(), say(app, &talk.row, word)).await;
        Heard { talk, answer }
    };
    let (all, mut outcome) = (talks.len().max(1), Ok(()));
    let mut answers: FuturesUnordered<_> = talks.into_iter().map(hear).collect();
    while let Some(mut heard) = (&mut answers).ready_chunks(all).next().await {
        let (next, booked) = book_all(app, &mut heard, book).await;
        outcome = outcome.and(booked);
        let goes_on = heard.into_iter().zip(next).filter_map(|(heard, word)| Some((heard.talk, word?)));
        answers.extend(goes_on.map(hear));
    }
    outcome
}

/// One that cannot be booked holds up nobody else: what fails together is booked each alone. What was not booked keeps its
/// lease, and is asked about after it.
pub(super) async fn book_all<R, S, A>(
    app: &App,
    heard: &mut [Heard<R, A>],
    book: Book<R, S, A>,
) -> (Vec<Option<S>>, Result<(), Error>) {
    if let [only] = heard {
        return book_one(app, only, book).await;
    }
    match book(app, heard).await {
        Ok(next) => (next, Ok(())),
        // A database that is away is away for each.
        Err(cause) if cause.kind() == Kind::Unavailable => {
            heard.iter_mut().for_each(|one| one.talk.span.failed(cause.to_string()));
            (Vec::new(), Err(cause))
        }
        Err(cause) => {
            tracing::warn!(error.message = %cause, answers = heard.len(), "not booked together: each is booked alone");
            let (mut all, mut outcome) = (Vec::new(), Ok(()));
            for one in heard {
                let (next, booked) = book_one(app, one, book).await;
                all.extend(next);
                outcome = outcome.and(booked);
            }
            (all, outcome)
        }
    }
}

async fn book_one<R, S, A>(
    app: &App,
    one: &mut Heard<R, A>,
    book: Book<R, S, A>,
) -> (Vec<Option<S>>, Result<(), Error>) {
    let booked = trace::within(one.talk.context.clone(), book(app, std::slice::from_ref(one))).await;
    one.talk.span.judge(&booked);
    match booked {
        Ok(next) => (next, Ok(())),
        Err(cause) => (vec![None], Err(cause)),
    }
}
