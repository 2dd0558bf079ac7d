//! Timed work.

pub(crate) mod attempt;
pub(crate) mod send_due;
