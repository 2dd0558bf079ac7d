//! Timed work.

mod send_due;

pub(crate) use send_due::send_due;
