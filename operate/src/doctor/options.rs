//! What the doctor is told.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};
use uuid::Uuid;

/// What to look at, and how strictly.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the load client of a fault run saw.
    pub client_log: Option<PathBuf>,
    /// What changed since then is on its way and no violation: the five databases are not read at one moment. With
    /// zero everything counts, for a platform that is known to be quiet.
    pub grace: Duration,
    /// The events that somebody injected to become dead letters.
    pub poison: BTreeSet<Uuid>,
    /// The personal text of a test person, to be found only where persons are known.
    pub canary: Option<String>,
    /// The test person was erased: their text may be found nowhere at all.
    pub canary_erased: bool,
    /// notify-service's mail folder.
    pub mails: Option<PathBuf>,
    /// Log files, to be searched for the canary.
    pub logs: Vec<PathBuf>,
    /// An event may wait in an outbox for so long.
    pub oldest_outbox: Duration,
    /// The provider shows no log, as a real one: that part is left out, and is nothing that could not be looked at.
    pub no_provider_log: bool,
}

impl Default for Options {
    /// For a platform that runs.
    fn default() -> Self {
        Self {
            client_log: None,
            grace: Duration::from_secs(60),
            poison: BTreeSet::new(),
            canary: None,
            canary_erased: false,
            mails: None,
            logs: Vec::new(),
            oldest_outbox: Duration::from_secs(60),
            no_provider_log: false,
        }
    }
}
