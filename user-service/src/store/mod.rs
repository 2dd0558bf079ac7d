//! The only place with SQL.

pub(crate) mod accounts;
pub(crate) mod older_versions;
pub(crate) mod registration_links;
pub(crate) mod registrations;
pub(crate) mod secrets;
