//! Timed work.

pub(crate) mod adopt;
pub(crate) mod answer_resets;
pub(crate) mod end_registrations;
pub(crate) mod erase_accounts;
pub(crate) mod forget_attempts;
