//! The only place with SQL.

pub(crate) mod accounts;
pub(crate) mod older_versions;
mod people;
pub(crate) mod registration_links;
pub(crate) mod registrations;
pub(crate) mod secrets;

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
