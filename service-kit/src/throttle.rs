//! Slows down who tries again and again (GCRA, by governor): so many attempts under one name at once, then one more
//! every so often; nobody is locked out for good. It lives in memory, per instance, under digests of the names.

use aws_lc_rs::digest;
use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// So many attempts at once, then one per `recovery`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// At once.
    pub attempts: NonZeroU32,
    /// Until one more.
    pub recovery: Duration,
}

/// Attempts under names.
#[derive(Clone)]
pub struct Throttle<C: Clock<Instant = Nanos> = Monotonic> {
    limiter: Arc<RateLimiter<Digest, Attempts, C, NoOpMiddleware<Nanos>>>,
    attempts: Attempts,
    recovery: Duration,
}

type Digest = [u8; 32];

/// When each name will have recovered. Our own store, because governor's cannot forget one name.
#[derive(Clone, Default)]
struct Attempts(Arc<Mutex<HashMap<Digest, Nanos>>>);

/// Time since the start: a wall clock that is set back must not prolong anybody's wait.
#[derive(Clone)]
pub struct Monotonic(Instant);

impl Throttle {
    /// With nobody counted yet.
    #[must_use]
    pub fn new(limit: Limit) -> Self {
        Self::with_clock(limit, Monotonic(Instant::now()))
    }
}

impl<C: Clock<Instant = Nanos>> Throttle<C> {
    fn with_clock(limit: Limit, clock: C) -> Self {
        let attempts = Attempts::default();
        // A period of zero is the only one it does not take.
        let recovery = limit.recovery.max(Duration::from_millis(1));
        let quota = Quota::with_period(recovery);
        let quota = quota.unwrap_or(Quota::per_second(limit.attempts)).allow_burst(limit.attempts);
        Self { limiter: Arc::new(RateLimiter::new(quota, attempts.clone(), clock)), attempts, recovery }
    }

    /// Counts an attempt under `name`.
    ///
    /// # Errors
    /// How long to wait before the next one.
    pub fn attempt(&self, name: &str) -> Result<(), Duration> {
        let checked = self.limiter.check_key(&digest(name));
        checked.map_err(|refused| refused.wait_time_from(self.limiter.clock().now()))
    }

    /// Takes back one attempt: nothing came of it, through no fault of whoever made it.
    pub fn give_back(&self, name: &str) {
        if let Some(recovered) = self.attempts.lock().get_mut(&digest(name)) {
            *recovered = recovered.saturating_sub(self.recovery.into());
        }
    }

    /// Forgets the attempts under `name`: the last one succeeded.
    pub fn forgive(&self, name: &str) {
        self.attempts.lock().remove(&digest(name));
    }

    /// Drops the names that have recovered, so that memory holds only who tried lately.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
    }
}

fn digest(name: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest::digest(&digest::SHA256, name.as_bytes()).as_ref());
    bytes
}

impl Attempts {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Attempts {
    type Key = Digest;

    fn measure_and_replace<T, F, E>(&self, key: &Digest, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut recovered = self.lock();
        let (outcome, next) = measure(recovered.get(key).copied())?;
        recovered.insert(*key, next);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<Digest> for Attempts {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut recovered = self.lock();
        recovered.retain(|_, at| *at > drop_below);
        recovered.shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

impl Clock for Monotonic {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

#[cfg(test)]
mod tests {
    use super::{Limit, Throttle};
    use governor::clock::FakeRelativeClock;
    use std::{num::NonZeroU32, time::Duration};

    const RECOVERY: Duration = Duration::from_secs(30);

    fn throttle() -> (Throttle<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let limit = Limit { attempts: NonZeroU32::new(3).unwrap(), recovery: RECOVERY };
        (Throttle::with_clock(limit, clock.clone()), clock)
    }

    #[test]
    fn after_so_many_attempts_one_comes_back_per_recovery() {
        let (throttle, clock) = throttle();
        for _ in 0..3 {
            assert_eq!(throttle.attempt("ada"), Ok(()));
        }
        assert_eq!(throttle.attempt("ada"), Err(RECOVERY));
        clock.advance(RECOVERY / 3);
        assert_eq!(throttle.attempt("ada"), Err(RECOVERY * 2 / 3));
        clock.advance(RECOVERY * 2 / 3);
        assert_eq!(throttle.attempt("ada"), Ok(()));
        assert!(throttle.attempt("ada").is_err());
    }

    #[test]
    fn names_do_not_share_their_attempts() {
        let (throttle, _) = throttle();
        while throttle.attempt("ada").is_ok() {}
        assert_eq!(throttle.attempt("grace"), Ok(()));
    }

    #[test]
    fn a_success_forgives_what_failed_before() {
        let (throttle, _) = throttle();
        while throttle.attempt("ada").is_ok() {}
        throttle.forgive("ada");
        for _ in 0..3 {
            assert_eq!(throttle.attempt("ada"), Ok(()));
        }
    }

    #[test]
    fn an_attempt_that_came_to_nothing_is_given_back_and_no_other() {
        let (throttle, clock) = throttle();
        clock.advance(RECOVERY * 7);
        for _ in 0..9 {
            assert_eq!(throttle.attempt("ada"), Ok(()));
            throttle.give_back("ada");
        }
        for _ in 0..3 {
            assert_eq!(throttle.attempt("ada"), Ok(()));
        }
        assert!(throttle.attempt("ada").is_err());
        throttle.give_back("ada");
        assert_eq!(throttle.attempt("ada"), Ok(()));
        assert!(throttle.attempt("ada").is_err());
        throttle.give_back("nobody");
        assert_eq!(throttle.attempt("nobody"), Ok(()));
    }

    #[test]
    fn who_has_recovered_takes_no_memory() {
        let (throttle, clock) = throttle();
        for name in 0..1000 {
            assert_eq!(throttle.attempt(&name.to_string()), Ok(()));
        }
        clock.advance(RECOVERY / 2);
        while throttle.attempt("ada").is_ok() {}
        assert_eq!(throttle.limiter.len(), 1001);
        clock.advance(RECOVERY * 2);
        throttle.tidy();
        assert_eq!(throttle.limiter.len(), 1);
        assert_eq!(throttle.attempt("ada"), Ok(()));
        clock.advance(RECOVERY * 10);
        throttle.tidy();
        assert!(throttle.limiter.is_empty());
    }
}
