//! The only place with SQL.

pub(crate) mod deliveries;
pub(crate) mod messages;
