//! Talks with the provider about many things side by side. Whatever was answered while the last answers were booked is
//! booked together, and who is alone at once: nobody waits for who is slow, and a crowd shares its transactions.

use crate::{at_hand::Place, changes::again, error::Error, origin::Origin, state::App};
use futures_util::{
    FutureExt,
    future::BoxFuture,
    stream::{FuturesUnordered, Stream, StreamExt},
};
use service_kit::{
    Cause, Fault, Kind, cure,
    pace::leave_time,
    spans::{Span, conventions},
    trace,
};
use std::panic::AssertUnwindSafe;
use time::OffsetDateTime;

/// Answers that are booked by one transaction at the most.
const BATCH: usize = 64;

/// One of a slice, with a span and a journey of its own.
pub(crate) struct Talk<R> {
    pub(crate) row: R,
    pub(crate) cause: Cause,
    span: Span,
    context: trace::Context,
    /// Free for the next when this has ended.
    _place: Option<Place>,
}

/// What was answered in it.
pub(crate) struct Heard<R, A> {
    pub(crate) talk: Talk<R>,
    pub(crate) answer: A,
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
            by: None,
            traceparent: context.traceparent.clone(),
        };
        Self { row, cause, span, context, _place: None }
    }

    pub(super) fn at(self, place: Place) -> Self {
        Self { _place: Some(place), ..self }
    }
}

/// What is said and done about one kind of thing.
pub(crate) struct About<R, S, A> {
    /// One word and its answer.
    pub(super) say: for<'a> fn(&'a App, &'a R, S) -> BoxFuture<'a, A>,
    /// Books what was heard, by one transaction, and gives for each what is to be said at once.
    pub(crate) book: Book<R, S, A>,
    /// What cannot be booked is asked about again at a later time; the text says why, for operators.
    pub(crate) put_aside: PutAside<R>,
    /// Calls begun so far.
    pub(super) attempts: fn(&R) -> i32,
}

type PutAside<R> = for<'a> fn(&'a App, &'a R, OffsetDateTime, String) -> BoxFuture<'a, Result<(), Error>>;
type Book<R, S, A> = for<'a> fn(&'a App, &'a [Heard<R, A>]) -> BoxFuture<'a, Result<Vec<Option<S>>, Error>>;

/// Says the first word of each talk that `begun` gives, and goes on until nothing is left to say; it ends when all are done
/// and none is there to be begun. Where some could not be booked all others were, and one of the errors is told.
pub(super) async fn side_by_side<R: Send + Sync, S: Send, A: Send + Sync>(
    app: &App,
    begun: impl Stream<Item = (Talk<R>, S)> + Send,
    about: &About<R, S, A>,
) -> Result<(), Error> {
    let say = about.say;
    let hear = |(talk, word): (Talk<R>, S)| async move {
        let answer = trace::within(talk.context.clone(), say(app, &talk.row, word)).await;
        Heard { talk, answer }
    };
    let mut begun = Some(Box::pin(begun));
    let (mut answers, mut bookings) = (FuturesUnordered::new(), FuturesUnordered::new());
    let (mut heard, mut outcome) = (Vec::new(), Ok(()));
    loop {
        if bookings.is_empty() && !heard.is_empty() {
            let batch = heard.drain(..heard.len().min(BATCH)).collect();
            bookings.push(booked(app, batch, about));
        }
        let idle = answers.is_empty() && bookings.is_empty();
        tokio::select! {
            biased;
            Some((next, done)) = bookings.next() => {
                outcome = outcome.and(done);
                answers.extend(next.into_iter().map(hear));
            }
            Some(one) = answers.next() => {
                heard.push(one);
                while let Some(Some(another)) = answers.next().now_or_never() {
                    heard.push(another);
                }
            }
            next = next_of(&mut begun) => match next {
                Some(talk) => answers.push(hear(talk)),
                // Dropped at once: it may be somebody else's turn now.
                None => begun = None,
            },
            () = std::future::ready(()), if idle => return outcome,
        }
    }
}

/// Never ends when there is nothing to come any more.
async fn next_of<T>(begun: &mut Option<impl Stream<Item = T> + Unpin>) -> Option<T> {
    match begun {
        Some(begun) => begun.next().await,
        None => std::future::pending().await,
    }
}

/// What is to be said next, and whether all could be booked.
async fn booked<R, S, A>(
    app: &App,
    mut heard: Vec<Heard<R, A>>,
    about: &About<R, S, A>,
) -> (Vec<(Talk<R>, S)>, Result<(), Error>) {
    let (next, outcome) = book_all(app, &mut heard, about).await;
    let number = heard.len();
    let goes_on = heard.into_iter().zip(next).filter_map(|(heard, word)| Some((heard.talk, word?))).collect();
    leave_time(number, BATCH).await;
    (goes_on, outcome)
}

/// One that cannot be booked holds up nobody else: what fails together is booked each alone, and who fails alone is put
/// aside, to be asked about again. Where the database is away all keep their leases.
#[cure(odd_one_alone, instead = crate::labs::the_batch_goes_along)]
pub(super) async fn book_all<R, S, A>(
    app: &App,
    heard: &mut [Heard<R, A>],
    about: &About<R, S, A>,
) -> (Vec<Option<S>>, Result<(), Error>) {
    if let [only] = heard {
        return book_one(app, only, about).await;
    }
    match contained(app, heard, about).await {
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
                let (next, booked) = book_one(app, one, about).await;
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
    about: &About<R, S, A>,
) -> (Vec<Option<S>>, Result<(), Error>) {
    let context = one.talk.context.clone();
    let booked = trace::within(context, contained(app, std::slice::from_ref(one), about)).await;
    one.talk.span.judge(&booked);
    match booked {
        Ok(next) => (next, Ok(())),
        Err(cause) => {
            if cause.kind() != Kind::Unavailable {
                let row = &one.talk.row;
                let until = again::after((about.attempts)(row), app.kit.clock.now());
                if let Err(also) = (about.put_aside)(app, row, until, cause.to_string()).await {
                    tracing::warn!(error.message = %also, "what cannot be booked could not be put aside");
                }
            }
            (vec![None], Err(cause))
        }
    }
}

/// A panic is the failure of what was booked, and of nothing that is under way beside it.
async fn contained<R, S, A>(app: &App, heard: &[Heard<R, A>], about: &About<R, S, A>) -> Result<Vec<Option<S>>, Error> {
    AssertUnwindSafe((about.book)(app, heard)).catch_unwind().await.unwrap_or(Err(Error::Panicked))
}
