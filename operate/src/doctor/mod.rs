//! `ecom doctor`: checks the fifteen invariants over the five databases, the broker and the provider's log. It only
//! reads; `--repair` mends, through the services' own code ([`repair`]).
//!
//! Reading (`facts/`) and judging (`invariants/`) are apart: the judges are pure functions, tested without a database.

pub(crate) mod case;
pub mod command;
pub(crate) mod facts;
mod finding;
mod fingerprint;
mod invariant;
mod invariants;
pub mod repair;
pub mod report;
#[cfg(test)]
mod sample;

pub use finding::{Finding, Report, Violation};
pub use fingerprint::fingerprint;
pub use invariant::Invariant;

use crate::reach::Reach;
use case::Case;
use facts::Moment;
use std::{collections::BTreeSet, path::PathBuf, time::Duration};
use time::OffsetDateTime;
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
            mails: None,
            logs: Vec::new(),
            oldest_outbox: Duration::from_secs(60),
            no_provider_log: false,
        }
    }
}

/// Looks at everything and judges it.
///
/// # Errors
/// A database does not answer, or a file that was named cannot be read. Bad data are no error: they are violations.
pub async fn examine(reach: &Reach, options: &Options, now: OffsetDateTime) -> anyhow::Result<Report> {
    let facts = facts::read(reach, options).await?;
    let findings = invariants::judge(&Case::new(&facts, options, Moment::from(now)));
    Ok(Report { findings, could_not_look: facts.could_not_look })
}
