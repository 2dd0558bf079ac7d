//! A batch in work: done, done again as far as that helps, and answered.

use super::{
    again::{Again, again},
    hall::Waiting,
    item::{Door, Item, Work},
};
use crate::{Fault, KitError, spans::Gathered, trace};
use futures_util::{FutureExt, StreamExt, stream};
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};
use tracing::Instrument;

/// So many of those that are done one by one are in work at a time.
const SIDE_BY_SIDE: usize = 4;

pub(super) struct Batch<T, A> {
    pub(super) door: Arc<Door>,
    pub(super) waiting: Vec<Waiting<T, A>>,
}

impl<T, R, E> Batch<T, Result<R, E>>
where
    T: Item,
    R: Send + 'static,
    E: Fault + From<KitError> + Send + 'static,
{
    /// Answers all but those that are to be done one by one.
    pub(super) async fn run<C: Sync>(self, context: &C, work: Work<C, T, R, E>) -> Option<Self> {
        let metrics = &self.door.metrics;
        metrics.items.record(u32::try_from(self.waiting.len()).unwrap_or(u32::MAX));
        self.waiting.iter().for_each(|one| metrics.wait.record(one.since.elapsed()));
        let begun = Instant::now();
        let mut answers = self.attempt(context, work, &Vec::from_iter(0..self.waiting.len())).await;
        if let Again::Together(places) = again(&answers) {
            metrics.together.increment(places.len() as u64);
            let once_more = self.attempt(context, work, &places).await;
            places.into_iter().zip(once_more).for_each(|(place, answer)| answers[place] = answer);
        }
        self.door.metrics.work.record(begun.elapsed());
        let alone = match again(&answers) {
            Again::Together(places) | Again::Alone(places) if self.waiting.len() > 1 => places,
            _ => Vec::new(),
        };
        let Self { door, waiting } = self;
        door.metrics.alone.increment(alone.len() as u64);
        let mut rest = Vec::new();
        for ((place, one), answer) in waiting.into_iter().enumerate().zip(answers) {
            if alone.contains(&place) { rest.push(one) } else { one.answer(answer) }
        }
        (!rest.is_empty()).then_some(Self { door, waiting: rest })
    }

    /// Answers each by itself.
    pub(super) async fn one_by_one<C: Sync>(self, context: &C, work: Work<C, T, R, E>) {
        let door = self.door;
        let done = stream::iter(self.waiting).for_each_concurrent(SIDE_BY_SIDE, |one| async {
            let alone = Self { door: Arc::clone(&door), waiting: Vec::from([one]) };
            let mut answers = alone.attempt(context, work, &[0]).await;
            if let Again::Together(_) = again(&answers) {
                answers = alone.attempt(context, work, &[0]).await;
            }
            alone.waiting.into_iter().zip(answers).for_each(|(one, answer)| one.answer(answer));
        });
        done.await;
    }

    /// Has those at these places done; one answer for each of them, whatever the work does.
    async fn attempt<C: Sync>(&self, context: &C, work: Work<C, T, R, E>, places: &[usize]) -> Vec<Result<R, E>> {
        let chosen: Vec<_> = places.iter().map(|place| &self.waiting[*place]).collect();
        let items = chosen.iter().map(|one| one.item.clone()).collect();
        // Alone it is a part of its caller's trace; of several each has its own, and the batch's points at them.
        let (_span, trace, log) = match chosen.as_slice() {
            [alone] => (Gathered::default(), alone.trace.clone(), alone.log.clone()),
            several => {
                let traces = several.iter().map(|one| &one.trace);
                let (span, trace) = Gathered::begin(&self.door.spans, self.door.name, traces);
                (span, trace, tracing::Span::none())
            }
        };
        let work = AssertUnwindSafe(work(context, items)).catch_unwind();
        let done = trace::within(trace, work).instrument(log).await;
        let mut answers = done.unwrap_or_else(|_panic| {
            tracing::error!(work = self.door.name, items = places.len(), "the work on a batch panicked");
            Vec::new()
        });
        answers.resize_with(places.len(), || Err(KitError::NoAnswer.into()));
        answers
    }
}
