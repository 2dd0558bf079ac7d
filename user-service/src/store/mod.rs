//! The only place with SQL.

pub(crate) mod account_requests;
pub(crate) mod accounts;
pub(crate) mod address_book;
pub(crate) mod api_keys;
pub(crate) mod erasures;
pub(crate) mod exports;
pub(crate) mod guests;
pub(crate) mod older_versions;
pub(crate) mod outside;
pub(crate) mod passkey_ceremonies;
pub(crate) mod passkeys;
mod people;
pub(crate) mod refresh_tokens;
pub(crate) mod registration_links;
pub(crate) mod registrations;
pub(crate) mod revocations;
pub(crate) mod roles;
pub(crate) mod second_factors;
pub(crate) mod secrets;
pub(crate) mod sessions;
pub(crate) mod users;

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
