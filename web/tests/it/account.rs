//! The account pages over a stand-in for user-service, asked for by a stand-in for a browser.

mod addresses;
mod changes;
mod cross_site;
mod data;
mod erasure;
mod form;
mod log_in;
mod login_second_factor;
mod mailed_links;
pub(crate) mod messages;
mod passkeys;
mod profile;
mod reading;
mod refresh;
mod register;
mod second_factor;
mod sessions;
mod verify_email;
