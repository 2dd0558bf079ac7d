//! What happens to payments and refunds in the caller's transaction, whoever asks: load, decide, save, for many at once.

pub(crate) mod again;
pub(crate) mod agreement;
pub(crate) mod cancel;
pub(crate) mod create;
pub(crate) mod learn;
mod record;
pub(crate) mod refund;
pub(crate) mod settle;
#[cfg(test)]
mod tests;
