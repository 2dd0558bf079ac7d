//! The only place with SQL.

pub(crate) mod backlog;
mod columns;
pub(crate) mod ledger;
pub(crate) mod payment_lists;
mod payment_row;
pub(crate) mod payments;
pub(crate) mod people;
pub(crate) mod refunds;
#[cfg(test)]
mod tests;

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
