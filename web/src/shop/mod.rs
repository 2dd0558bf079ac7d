//! What people see who buy, or come to. They call the services' public APIs as anybody does.

pub(crate) mod products;
pub(crate) mod start;
