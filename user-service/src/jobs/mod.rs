//! Timed work.

pub(crate) mod adopt;
pub(crate) mod end_registrations;
pub(crate) mod forget_attempts;
