//! Timed work.

pub(crate) mod cancel_unpaid;
