//! Timed work.

pub(crate) mod cancel_unpaid;
pub(crate) mod count_hours;
pub(crate) mod forget_carts;
pub(crate) mod forget_intents;
