//! What happens in a transaction, whoever asks: load, decide, save, for many at once.

mod addresses;
pub(crate) mod admit;
pub(crate) mod adopt;
mod ask;
pub(crate) mod confirm;
pub(crate) mod end_registrations;
pub(crate) mod register;
pub(crate) mod resend;
pub(crate) mod try_link;

#[cfg(test)]
mod tests;
