//! What somebody with a valid token was not let. Once a minute for each of them and each thing: whoever tries again and
//! again is not to fill the log.

use crate::auth::Actor;
use contracts::access::Permission;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

const ONCE_IN: Duration = Duration::from_secs(60);
/// So many are remembered; then what is older than a minute is forgotten, and if that is none, all.
const REMEMBERED: usize = 10_000;

#[derive(Clone, Default)]
pub(crate) struct Denied(Arc<Mutex<HashMap<(Actor, Permission), Instant>>>);

impl Denied {
    pub(super) fn is_first(&self, actor: Actor, permission: Permission, now: Instant) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= REMEMBERED {
            told.retain(|_, at| now.saturating_duration_since(*at) < ONCE_IN);
            if told.len() >= REMEMBERED {
                told.clear();
            }
        }
        let before = told.insert((actor, permission), now);
        before.is_none_or(|at| now.saturating_duration_since(at) >= ONCE_IN)
    }
}

#[cfg(test)]
mod tests {
    use super::{Denied, ONCE_IN, REMEMBERED};
    use crate::auth::Actor;
    use contracts::access::Permission;
    use std::time::Instant;
    use uuid::Uuid;

    #[test]
    fn each_is_told_once_a_minute_and_the_memory_is_bounded() {
        let (denied, now) = (Denied::default(), Instant::now());
        let ada = Actor::Person(Uuid::from_u128(1).into());
        assert!(denied.is_first(ada, Permission::ReadOrders, now));
        assert!(!denied.is_first(ada, Permission::ReadOrders, now));
        assert!(denied.is_first(ada, Permission::ReadAudit, now));
        assert!(denied.is_first(ada, Permission::ReadOrders, now + ONCE_IN));
        for number in 0..2 * REMEMBERED as u128 {
            denied.is_first(Actor::Machine(Uuid::from_u128(number).into()), Permission::ReadAudit, now);
        }
        assert!(denied.0.lock().unwrap().len() <= REMEMBERED);
    }
}
