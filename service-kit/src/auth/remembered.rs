//! Tokens that were found good a moment ago. A customer's next request, and each call of a service within its token's
//! minute, brings the same token: its signature needs no second look. Whether it is its time is asked each time all the
//! same, so that what is remembered is refused when it has ended.
//!
//! Only what was found good is kept, by its SHA-256, for a minute at the most; all of it goes when a key changes. A flood
//! of refused tokens leaves nothing behind, and one of good tokens no more than is bounded here.

use aws_lc_rs::digest::{SHA256, digest};
use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Nothing is taken for good longer than this without another look.
const MOST: Duration = Duration::from_secs(60);
/// Of each of two halves; about 200 bytes each, so that a full memory takes some 2 MB.
const HALF: usize = 4096;

/// A token's SHA-256: it stands for the token and is of no use to who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Print([u8; 32]);

impl Print {
    pub(super) fn of(token: &str) -> Self {
        let mut print = [0; 32];
        print.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(print)
    }
}

/// Before which change of keys a token was looked at; see [`Remembered::keep`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(u64);

/// What good tokens of one kind say.
#[derive(Debug)]
pub(super) struct Remembered<C>(Mutex<Kept<C>>);

/// Two halves: what is new goes into the young one. Full, or a minute old, it takes the old one's place, whose tokens go
/// all at once: nothing is ever searched for what to leave out.
#[derive(Debug)]
struct Kept<C> {
    epoch: Epoch,
    young: HashMap<Print, (Instant, C)>,
    old: HashMap<Print, (Instant, C)>,
    turned: Option<Instant>,
}

impl<C> Default for Remembered<C> {
    fn default() -> Self {
        let (young, old) = (HashMap::new(), HashMap::new());
        Self(Mutex::new(Kept { epoch: Epoch(0), young, old, turned: None }))
    }
}

impl<C: Clone> Remembered<C> {
    /// What the token says, or what to hand to [`Self::keep`] once it is found good.
    pub(super) fn look(&self, print: &Print, now: Instant) -> Result<C, Epoch> {
        let kept = self.lock();
        match kept.young.get(print).or_else(|| kept.old.get(print)) {
            Some((since, claims)) if now.saturating_duration_since(*since) < MOST => Ok(claims.clone()),
            _ => Err(kept.epoch),
        }
    }

    /// Keeps what was found good, unless keys changed since it was looked at.
    pub(super) fn keep(&self, print: Print, claims: C, looked: Epoch, now: Instant) {
        let mut kept = self.lock();
        if kept.epoch != looked {
            return;
        }
        let turned = *kept.turned.get_or_insert(now);
        if kept.young.len() >= HALF || now.saturating_duration_since(turned) >= MOST {
            kept.old = mem::take(&mut kept.young);
            kept.turned = Some(now);
        }
        kept.young.insert(print, (now, claims));
    }

    /// Forgets everything, also what is being looked at now.
    pub(super) fn forget(&self) {
        let mut kept = self.lock();
        kept.epoch.0 += 1;
        kept.young = HashMap::new();
        kept.old = HashMap::new();
    }

    fn lock(&self) -> MutexGuard<'_, Kept<C>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{HALF, MOST, Print, Remembered};
    use std::time::{Duration, Instant};

    fn keep(memory: &Remembered<u8>, token: &str, now: Instant) {
        let print = Print::of(token);
        if let Err(epoch) = memory.look(&print, now) {
            memory.keep(print, 7, epoch, now);
        }
    }

    fn knows(memory: &Remembered<u8>, token: &str, now: Instant) -> bool {
        memory.look(&Print::of(token), now) == Ok(7)
    }

    #[test]
    fn a_token_is_known_by_all_of_it_and_for_a_minute() {
        let (memory, begun) = (Remembered::default(), Instant::now());
        keep(&memory, "header.claims.signature", begun);
        for (after, known) in [(Duration::ZERO, true), (Duration::from_millis(59_999), true), (MOST, false)] {
            assert_eq!(knows(&memory, "header.claims.signature", begun + after), known, "{after:?}");
        }
        for other in ["header.claims.signaturE", "header.claims.", "header.claims.signature ", ""] {
            assert!(!knows(&memory, other, begun), "{other}");
        }
    }

    #[test]
    fn looking_again_does_not_lengthen_the_minute() {
        let (memory, begun) = (Remembered::default(), Instant::now());
        keep(&memory, "a", begun);
        for seconds in (0..60).step_by(7) {
            keep(&memory, "a", begun + Duration::from_secs(seconds));
            keep(&memory, &format!("neighbour {seconds}"), begun + Duration::from_secs(seconds));
        }
        assert!(!knows(&memory, "a", begun + MOST));
    }

    #[test]
    fn a_flood_of_good_tokens_is_bounded_and_the_newest_stay() {
        let (memory, begun) = (Remembered::default(), Instant::now());
        for number in 0..10 * HALF {
            keep(&memory, &number.to_string(), begun);
            let kept = memory.lock();
            assert!(kept.young.len() <= HALF && kept.old.len() <= HALF);
        }
        assert!((9 * HALF..10 * HALF).all(|number| knows(&memory, &number.to_string(), begun)));
        // Trickling in, they go with time.
        for minutes in 2..5 {
            keep(&memory, &format!("late {minutes}"), begun + minutes * MOST);
        }
        let kept = memory.lock();
        assert!(kept.young.len() + kept.old.len() <= 2);
    }

    #[test]
    fn what_was_looked_at_before_the_keys_changed_is_not_kept_after_it() {
        let (memory, now) = (Remembered::default(), Instant::now());
        keep(&memory, "known", now);
        let being_looked_at = Print::of("being looked at");
        let epoch = memory.look(&being_looked_at, now).unwrap_err();
        memory.forget();
        memory.keep(being_looked_at, 7, epoch, now);
        assert!(!knows(&memory, "known", now));
        assert!(!knows(&memory, "being looked at", now));
        keep(&memory, "known", now);
        assert!(knows(&memory, "known", now));
    }
}
