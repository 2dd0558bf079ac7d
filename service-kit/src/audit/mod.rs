//! The audit log: who did what that matters for security, or as staff, whether they were let, and from where. Append-only
//! and hash-chained, in each service's own database.
//!
//! An [`Entry`] is written in the transaction of its action. The chain is closed over many at once by a job, after their
//! commits: what everybody would have to lock is locked once for all of them ([`chain`]).

mod chain;
mod denied;
mod entry;
mod noting;
mod page;

pub use chain::{Broken, Verified, verify};
pub(crate) use chain::{EVERY, close};
pub use contracts::api::operators::AuditView;
pub(crate) use denied::Denied;
pub use entry::Entry;
pub use page::{AuditFilter, page};
