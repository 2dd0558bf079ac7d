//! What happens in a transaction, whoever asks: load, decide, save, for many at once.

pub(crate) mod account_requests;
mod addresses;
pub(crate) mod admit;
pub(crate) mod adopt;
pub(crate) mod api_keys;
mod ask;
pub(crate) mod confirm;
pub(crate) mod end_registrations;
pub(crate) mod end_sessions;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod guests;
pub(crate) mod log_in;
pub(crate) mod outside_login;
pub(crate) mod passkey_ceremony;
pub(crate) mod passkey_proof;
pub(crate) mod passkeys;
pub(crate) mod refresh;
pub(crate) mod register;
pub(crate) mod resend;
pub(crate) mod roles;
pub(crate) mod second_factor;
pub(crate) mod staff;
pub(crate) mod try_link;

#[cfg(test)]
mod tests;
