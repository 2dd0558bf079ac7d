//! A door that gathers: whatever came while the last batch was in work is the next one. Who comes alone begins at once, and a
//! crowd shares what a transaction costs.
//!
//! The work behind it must be one that may be done again, as by a caller who repeats a request under its key: what failed
//! for a reason in the data is done again, one by one, so that only the one it is about is told so. Nothing is done again
//! where the database is away, or where nobody knows whether a commit went through.

mod again;
mod batch;
mod hall;
mod item;
#[cfg(test)]
mod tests;

pub use item::{Item, Work};

use crate::{Fault, Kit, KitError, metrics::Gathering, pace::leave_time_at_the_door, spans::Spans, trace};
use batch::Batch;
use contracts::ServiceName;
use hall::{HELD_UP, Hall, MOST_ITEMS};
use item::Door;
use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{sync::oneshot::Receiver, time::timeout};

/// Where an answer comes.
type Told<R, E> = Receiver<Result<R, E>>;

/// Gathers items of `T` for one door; cheap to clone. Who brings one brings the work, which is always the same.
pub struct Gather<T, R, E>(Arc<Parts<T, R, E>>);

struct Parts<T, R, E> {
    door: Arc<Door>,
    hall: Mutex<Hall<T, Result<R, E>>>,
}

impl<T, R, E> Clone for Gather<T, R, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T, R, E> Gather<T, R, E>
where
    T: Item,
    R: Send + 'static,
    E: Fault + From<KitError> + Send + 'static,
{
    /// For the door of that name.
    #[must_use]
    pub fn new(kit: &Kit, name: &'static str) -> Self {
        Self::of(kit.service, kit.spans.clone(), name)
    }

    fn of(service: ServiceName, spans: Spans, name: &'static str) -> Self {
        let door = Door { name, spans, metrics: Gathering::new(service, name) };
        Self(Arc::new(Parts { door: Arc::new(door), hall: Mutex::new(Hall::default()) }))
    }

    /// [`Self::many`] for one.
    ///
    /// # Errors
    /// That of the work.
    pub async fn one<C>(&self, context: &C, item: T, work: Work<C, T, R, E>) -> Result<R, E>
    where
        C: Clone + Send + Sync + 'static,
    {
        crate::one(self.many(context, vec![item], work).await)
    }

    /// Has the items done among others', and answers each, in their order, once it is. Dropped, they are done all the same
    /// where they were begun. [`KitError::Overloaded`] where too many wait already.
    pub async fn many<C>(&self, context: &C, items: Vec<T>, work: Work<C, T, R, E>) -> Vec<Result<R, E>>
    where
        C: Clone + Send + Sync + 'static,
    {
        let mut told = Vec::with_capacity(items.len());
        let (answers, begins) = self.enter(items);
        if begins {
            self.begin(context, work);
        }
        for answer in answers {
            told.push(match answer {
                Some(answer) => answer.await.unwrap_or_else(|_| Err(KitError::NoAnswer.into())),
                None => Err(KitError::Overloaded.into()),
            });
        }
        told
    }

    /// Where each will be answered, none where the hall is full; and whether a place is free for the next batch, which is
    /// taken then.
    fn enter(&self, items: Vec<T>) -> (Vec<Option<Told<R, E>>>, bool) {
        let trace = trace::current();
        // All at once, so that they are in one batch where they can be.
        let (answers, begins) = self.hall(|hall| {
            let answers: Vec<_> = items.into_iter().map(|item| hall.enter(item, &trace)).collect();
            (answers, hall.begins())
        });
        self.0.door.metrics.shed.increment(answers.iter().filter(|answer| answer.is_none()).count() as u64);
        (answers, begins)
    }

    /// In a task of its own: who came first may go away while others are in its batch.
    fn begin<C>(&self, context: &C, work: Work<C, T, R, E>)
    where
        C: Clone + Send + Sync + 'static,
    {
        let (gather, context) = (self.clone(), context.clone());
        tokio::spawn(async move { gather.work_off(&context, work).await });
    }

    async fn work_off<C>(&self, context: &C, work: Work<C, T, R, E>)
    where
        C: Clone + Send + Sync + 'static,
    {
        while let Some(batch) = self.next() {
            let held = batch.waiting.len();
            let mut running = pin!(batch.run(context, work));
            let rest = match timeout(HELD_UP, &mut running).await {
                Ok(rest) => rest,
                Err(_elapsed) => {
                    if self.hall(Hall::one_is_held_up) {
                        self.begin(context, work);
                    }
                    let rest = running.await;
                    self.hall(|hall| hall.held_up -= 1);
                    rest
                }
            };
            // Out of the places: what is done one by one holds up nobody else.
            if let Some(rest) = rest {
                let context = context.clone();
                tokio::spawn(async move { rest.one_by_one(&context, work).await });
            }
            leave_time_at_the_door(held, MOST_ITEMS).await;
        }
    }

    /// None where nobody waits: then this place is free again.
    fn next(&self) -> Option<Batch<T, Result<R, E>>> {
        let waiting = self.hall(|hall| {
            let waiting = hall.take();
            hall.batches -= usize::from(waiting.is_empty());
            waiting
        });
        (!waiting.is_empty()).then(|| Batch { door: Arc::clone(&self.0.door), waiting })
    }

    fn hall<A>(&self, look: impl FnOnce(&mut Hall<T, Result<R, E>>) -> A) -> A {
        look(&mut self.0.hall.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
