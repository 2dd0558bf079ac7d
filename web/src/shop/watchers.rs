//! Who follows an order live: so many in all, and so many tabs of one customer. A place is given back when it is dropped.

use contracts::AccountId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// With the slowest pace, 100 questions a second to order-service when all places are taken.
const IN_ALL: usize = 500;
const OF_ONE: usize = 4;
/// A payment that has not come by then is overdue. The browser comes again by itself.
const LONGEST: Duration = Duration::from_secs(600);
/// Most payments come within a second; what takes longer is asked for less and less often.
const FIRST: Duration = Duration::from_millis(250);
const SLOWEST: Duration = Duration::from_secs(5);

/// All who follow their orders, at this replica.
#[derive(Clone)]
pub(crate) struct Watchers {
    places: Arc<Semaphore>,
    taken: Arc<Mutex<HashMap<AccountId, usize>>>,
    /// At the end they are sent away.
    pub(super) stop: CancellationToken,
}

/// One stream's.
pub(super) struct Place {
    customer: AccountId,
    taken: Arc<Mutex<HashMap<AccountId, usize>>>,
    _of_all: OwnedSemaphorePermit,
}

impl Watchers {
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(IN_ALL)), taken: Arc::default(), stop }
    }

    /// None when as many as may are watching already.
    pub(super) fn place(&self, customer: AccountId) -> Option<Place> {
        let of_all = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let mut taken = locked(&self.taken);
        let own = taken.entry(customer).or_default();
        if *own >= OF_ONE {
            return None;
        }
        *own += 1;
        drop(taken);
        Some(Place { customer, taken: Arc::clone(&self.taken), _of_all: of_all })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = locked(&self.taken);
        if let Some(own) = taken.get_mut(&self.customer) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.customer);
            }
        }
    }
}

fn locked(taken: &Mutex<HashMap<AccountId, usize>>) -> MutexGuard<'_, HashMap<AccountId, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When a stream asks again, and for how long it does.
pub(super) struct Pace {
    pub(super) until: tokio::time::Instant,
    pause: Duration,
}

impl Pace {
    pub(super) fn begun() -> Self {
        Self { until: tokio::time::Instant::now() + LONGEST, pause: FIRST }
    }

    /// Before the next question.
    pub(super) fn pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 3 / 2).min(SLOWEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::{IN_ALL, OF_ONE, Pace, Watchers, locked};
    use std::time::Duration;
    use tokio_util::sync::CancellationToken;
    use uuid::Uuid;

    #[test]
    fn a_customer_has_so_many_places_and_nobody_more_than_there_are() {
        let watchers = Watchers::new(CancellationToken::new());
        let customer = |number: u128| Uuid::from_u128(number).into();
        let mut own: Vec<_> = (0..OF_ONE).map(|_| watchers.place(customer(1)).unwrap()).collect();
        assert!(watchers.place(customer(1)).is_none());
        own.pop();
        own.push(watchers.place(customer(1)).unwrap());
        let others: Vec<_> = (OF_ONE..IN_ALL).map(|at| watchers.place(customer(at as u128)).unwrap()).collect();
        assert!(watchers.place(customer(9999)).is_none());
        drop((own, others));
        assert!(watchers.place(customer(9999)).is_some());
        assert!(locked(&watchers.taken).is_empty());
    }

    #[tokio::test]
    async fn a_stream_asks_less_and_less_often() {
        let mut pace = Pace::begun();
        let pauses: Vec<_> = (0..200).map(|_| pace.pause()).collect();
        assert!(pauses.is_sorted() && pauses[0] == Duration::from_millis(250));
        assert_eq!(pauses[199], Duration::from_secs(5));
        let of_a_minute = pauses.iter().scan(Duration::ZERO, |at, pause| {
            *at += *pause;
            Some(*at)
        });
        assert!(of_a_minute.take_while(|at| *at < Duration::from_secs(60)).count() < 20);
    }
}
