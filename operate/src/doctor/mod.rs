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
mod options;
pub mod repair;
pub mod report;
#[cfg(test)]
mod sample;

pub use finding::{Finding, Report, Violation};
pub use fingerprint::fingerprint;
pub use invariant::Invariant;
pub use options::Options;

use crate::reach::Reach;
use case::Case;
use facts::Moment;
use time::OffsetDateTime;

/// Looks at everything and judges it.
///
/// # Errors
/// A database does not answer, or a file that was named cannot be read. Bad data are no error: they are violations.
pub async fn examine(reach: &Reach, options: &Options, now: OffsetDateTime) -> anyhow::Result<Report> {
    let facts = facts::older::read_younger(reach, options).await?;
    let findings = invariants::judge(&Case::new(&facts, options, Moment::from(now)));
    Ok(Report { findings, since: facts.since.time(), could_not_look: facts.could_not_look })
}
