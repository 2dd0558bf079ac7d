//! The only place with SQL.

pub(crate) mod accounts;
pub(crate) mod secrets;
pub(crate) mod verifications;
