//! The only place with SQL.

pub(crate) mod backlog;
pub(crate) mod ledger;
mod payment_row;
pub(crate) mod payments;
pub(crate) mod refunds;
#[cfg(test)]
mod tests;
mod viewer;

pub(crate) use viewer::Viewer;
