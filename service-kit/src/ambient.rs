//! The one module that reads the wall clock, makes random bytes and looks at the process's environment. Everything
//! else is handed what it needs, so that tests decide the time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// The time, in UTC with PostgreSQL's microseconds.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Set by tests; the system's clock otherwise.
    manual: Option<Arc<Mutex<OffsetDateTime>>>,
}

impl Clock {
    /// The time of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until [`Self::advance`] moves it.
    #[must_use]
    pub fn manual(start: OffsetDateTime) -> Self {
        Self { manual: Some(Arc::new(Mutex::new(start))) }
    }

    /// Now, in UTC, to the microsecond.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let now = match &self.manual {
            Some(manual) => *manual.lock().unwrap_or_else(PoisonError::into_inner),
            None => system_now(),
        };
        // PostgreSQL keeps microseconds: a time must read back as it was written.
        now.replace_nanosecond(now.nanosecond() / 1000 * 1000).unwrap_or(now)
    }

    /// Moves a manual clock; does nothing to the system's.
    pub fn advance(&self, by: Duration) {
        if let Some(manual) = &self.manual {
            *manual.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }

    /// A fresh id: UUID version 7 (RFC 9562), so that new rows lie together.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        Uuid::now_v7().into()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn system_now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// `N` unguessable bytes.
///
/// # Errors
/// The operating system gives no randomness.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], aws_lc_rs::error::Unspecified> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(bytes)
}

/// A number in `0.0..1.0` for jitter.
#[must_use]
pub fn jitter() -> f64 {
    let bytes: [u8; 2] = random_bytes().unwrap_or_default();
    f64::from(u16::from_le_bytes(bytes)) / 65_536.0
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn process_variables() -> BTreeMap<String, String> {
    std::env::vars().collect()
}
