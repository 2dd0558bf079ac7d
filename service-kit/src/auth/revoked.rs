//! Sessions that ended, and API keys that were revoked, before their tokens did. user-service says which; it is asked when
//! tokens come and the last answer is old, so that nothing is asked while nobody comes (ADR 0052).

use contracts::api::user::{Revocation, Revocations};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use uuid::Uuid;

/// An answer older than this is asked for anew, behind the back of who comes.
const RENEWED_AFTER: Duration = Duration::from_secs(2);
/// Whoever comes with an answer older than this waits for a new one.
const STALE_AFTER: Duration = Duration::from_secs(4);
/// After no answer, so long none is asked for.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What was revoked lately: of each session the least generation whose tokens are good.
#[derive(Debug, Default)]
pub(super) struct Revoked(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    least: HashMap<Uuid, (i32, OffsetDateTime)>,
    /// What the next question goes on from.
    asked_until: Option<OffsetDateTime>,
    answered: Option<Instant>,
    failed: Option<Instant>,
}

impl Known {
    /// Told in no order: what is known of a session never goes back.
    fn note(&mut self, revoked: &[Revocation]) {
        for revocation in revoked {
            let least = self.least.entry(revocation.id).or_insert((revocation.least_generation, revocation.at));
            *least = (least.0.max(revocation.least_generation), least.1.max(revocation.at));
        }
    }
}

/// What is to be done before a token is looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    /// Ask, and let the token go on.
    Soon,
    /// Ask, and let the token wait for the answer.
    First,
}

impl Revoked {
    pub(super) fn need(&self, now: Instant) -> Need {
        let known = self.read();
        let since = |at: Option<Instant>| at.map(|at| now.saturating_duration_since(at));
        match since(known.answered) {
            Some(age) if age < RENEWED_AFTER => Need::Nothing,
            _ if since(known.failed).is_some_and(|since| since < RETRY_AFTER) => Need::Nothing,
            Some(age) if age < STALE_AFTER => Need::Soon,
            // Nobody waits again and again for one who is away.
            _ if known.failed > known.answered => Need::Soon,
            _ => Need::First,
        }
    }

    /// What the next question goes on from.
    pub(super) fn asked_until(&self) -> Option<OffsetDateTime> {
        self.read().asked_until
    }

    pub(super) fn answered(&self, answer: &Revocations, now: Instant) {
        let mut known = self.write();
        known.note(&answer.revoked);
        let forgotten = answer.asked_at - answer.kept_for();
        known.least.retain(|_, (_, at)| *at >= forgotten);
        known.asked_until = Some(answer.asked_at);
        known.answered = Some(now);
    }

    pub(super) fn failed(&self, now: Instant) {
        self.write().failed = Some(now);
    }

    /// Some that are known in another way.
    pub(super) fn note(&self, revoked: &[Revocation]) {
        self.write().note(revoked);
    }

    /// Whether a token of this session and generation was revoked.
    pub(super) fn holds(&self, session: Option<Uuid>, generation: i32) -> bool {
        let least = session.and_then(|session| self.read().least.get(&session).copied());
        least.is_some_and(|(least, _)| generation < least)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Known> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Need, RENEWED_AFTER, RETRY_AFTER, Revoked, STALE_AFTER};
    use contracts::api::user::{Revocation, Revocations};
    use std::time::{Duration, Instant};
    use time::OffsetDateTime;
    use uuid::Uuid;

    fn answer(second: i64, revoked: &[(u128, i32, i64)]) -> Revocations {
        let at = |second| OffsetDateTime::from_unix_timestamp(second).unwrap();
        let revoked = revoked.iter().map(|(id, least_generation, second)| Revocation {
            id: Uuid::from_u128(*id),
            least_generation: *least_generation,
            at: at(*second),
        });
        Revocations { asked_at: at(second), kept_seconds: 1000, revoked: revoked.collect() }
    }

    #[test]
    fn a_session_s_tokens_of_before_are_refused_and_those_of_after_are_not() {
        let (revoked, now) = (Revoked::default(), Instant::now());
        revoked.answered(&answer(10, &[(1, 2, 9), (2, i32::MAX, 10)]), now);
        revoked.answered(&answer(11, &[(1, 1, 8)]), now);
        let holds = |id, generation| revoked.holds(Some(Uuid::from_u128(id)), generation);
        assert!(holds(1, 1) && !holds(1, 2));
        assert!(holds(2, 7) && !holds(3, 0));
        assert!(!revoked.holds(None, 0));
    }

    #[test]
    fn what_can_have_no_living_token_is_forgotten() {
        let (revoked, now) = (Revoked::default(), Instant::now());
        revoked.answered(&answer(10, &[(1, 1, 9), (2, 1, 10)]), now);
        revoked.answered(&answer(1010, &[]), now);
        assert!(!revoked.holds(Some(Uuid::from_u128(1)), 0));
        assert!(revoked.holds(Some(Uuid::from_u128(2)), 0));
    }

    #[test]
    fn nobody_waits_while_answers_come_and_who_is_away_is_waited_for_once() {
        let (revoked, begun) = (Revoked::default(), Instant::now());
        assert_eq!(revoked.need(begun), Need::First);
        revoked.answered(&answer(10, &[]), begun);
        for (after, need) in [
            (RENEWED_AFTER - Duration::from_millis(1), Need::Nothing),
            (RENEWED_AFTER, Need::Soon),
            (STALE_AFTER, Need::First),
        ] {
            assert_eq!(revoked.need(begun + after), need, "{after:?}");
        }
        let failed = begun + STALE_AFTER;
        revoked.failed(failed);
        assert_eq!(revoked.need(failed + RETRY_AFTER / 2), Need::Nothing);
        assert_eq!(revoked.need(failed + RETRY_AFTER), Need::Soon, "it did not answer: asked behind the back");
        revoked.answered(&answer(20, &[]), failed + RETRY_AFTER);
        assert_eq!(revoked.need(failed + RETRY_AFTER), Need::Nothing);
        assert_eq!(revoked.need(failed + RETRY_AFTER + STALE_AFTER), Need::First);
    }
}
