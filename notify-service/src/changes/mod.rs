//! What happens in the caller's transaction, whoever asks: load, decide, save, for many at once.

pub(crate) mod judge;
pub(crate) mod read;
pub(crate) mod resend;
pub(crate) mod tell;

#[cfg(test)]
mod tests;
