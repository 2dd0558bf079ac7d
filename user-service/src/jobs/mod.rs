//! Timed work.

pub(crate) mod forget_attempts;
pub(crate) mod forget_links;
