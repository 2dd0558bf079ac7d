//! The only place with SQL.

pub(crate) mod deliveries;
pub(crate) mod messages;
pub(crate) mod people;
pub(crate) mod pruning;

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
