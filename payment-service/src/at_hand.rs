//! Payments that this instance talks about with the provider: stored or claimed with a lease, and handed over in memory
//! after the commit, so that nobody has to look for them. There are so many places and no more; who finds none is stored
//! as due and claimed later. What never gets its turn, because the process dies, is claimed when its lease ends.

use crate::store::payments::Stored;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Payments that one instance talks about at the same time.
const PLACES: usize = 128;

/// Cheap to clone: all clones are one.
#[derive(Clone)]
pub(crate) struct AtHand(Arc<Hand>);

struct Hand {
    places: Arc<Semaphore>,
    /// Runs that may take what is handed over; none while the service starts or has ended its work.
    serving: AtomicUsize,
    queue: Mutex<Queue>,
    /// Wakes whose turn it is.
    handed: Notify,
    /// Wakes somebody who takes a turn.
    turn: Arc<Notify>,
    /// Wakes the claim, where it found no place for all that is due.
    claim: Arc<Notify>,
    more_due: AtomicBool,
}

#[derive(Default)]
struct Queue {
    payments: VecDeque<Begun>,
    taken: bool,
}

/// A payment whose lease this instance holds, and its place.
pub(crate) struct Begun {
    pub(crate) payment: Stored,
    pub(crate) place: Place,
}

/// Free again when it is dropped.
pub(crate) struct Place {
    permit: Option<OwnedSemaphorePermit>,
    hand: Arc<Hand>,
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.permit.take());
        if self.hand.more_due.swap(false, Ordering::AcqRel) {
            self.hand.claim.notify_one();
        }
    }
}

impl AtHand {
    /// `claim` is woken when there is room again.
    pub(crate) fn new(claim: Arc<Notify>) -> Self {
        Self(Arc::new(Hand {
            places: Arc::new(Semaphore::new(PLACES)),
            serving: AtomicUsize::new(0),
            queue: Mutex::default(),
            handed: Notify::new(),
            turn: Arc::default(),
            claim,
            more_due: AtomicBool::new(false),
        }))
    }

    /// Wakes a run.
    pub(crate) fn turn_wake(&self) -> Arc<Notify> {
        Arc::clone(&self.0.turn)
    }

    /// Somebody takes what is handed over for as long as this is kept.
    pub(crate) fn serve(&self) -> Serving {
        self.0.serving.fetch_add(1, Ordering::AcqRel);
        Serving(Arc::clone(&self.0))
    }

    /// Up to `most` places, as many as are free.
    pub(crate) fn places(&self, most: usize) -> Vec<Place> {
        if self.0.serving.load(Ordering::Acquire) == 0 {
            return Vec::new();
        }
        let free = std::iter::from_fn(|| Arc::clone(&self.0.places).try_acquire_owned().ok());
        free.take(most).map(|permit| Place { permit: Some(permit), hand: Arc::clone(&self.0) }).collect()
    }

    /// There is more to be claimed than there are places.
    pub(crate) fn more_is_due(&self) {
        self.0.more_due.store(true, Ordering::Release);
    }

    /// Hands payments over that are stored with their leases.
    pub(crate) fn give(&self, begun: Vec<Begun>) {
        if begun.is_empty() {
            return;
        }
        let mut queue = self.0.queue();
        queue.payments.extend(begun);
        if queue.taken { self.0.handed.notify_one() } else { self.0.turn.notify_one() }
    }

    /// The turn to take what is handed over, unless somebody has it.
    pub(crate) fn turn(&self) -> Option<Turn> {
        let mut queue = self.0.queue();
        let free = !std::mem::replace(&mut queue.taken, true);
        free.then(|| Turn(Arc::clone(&self.0)))
    }
}

impl Hand {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`AtHand::serve`].
pub(crate) struct Serving(Arc<Hand>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.serving.fetch_sub(1, Ordering::AcqRel);
    }
}

/// See [`AtHand::turn`].
pub(crate) struct Turn(Arc<Hand>);

impl Turn {
    /// Waits for the next payment.
    pub(crate) async fn next(&mut self) -> Begun {
        loop {
            let next = self.0.queue().payments.pop_front();
            match next {
                Some(begun) => return begun,
                None => self.0.handed.notified().await,
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.taken = false;
        if !queue.payments.is_empty() {
            self.0.turn.notify_one();
        }
    }
}
