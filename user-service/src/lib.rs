//! user-service owns accounts, credentials, roles and the keys people's tokens are signed with.
//!
//! It announces what mails are about (`user.verification_requested`, `user.password_changed`, …: `contracts::events::user`)
//! and reacts to nothing. It is the only service that keeps names and addresses of people, but for an order's shipping
//! address; notify-service asks for them at the moment it sends.

mod admin;
mod app;
mod changes;
mod config;
mod domain;
mod error;
#[doc(hidden)]
pub mod fuzzed;
pub mod http;
mod jobs;
#[cfg(feature = "labs")]
mod labs;
mod login_bounds;
pub mod metrics;
mod outside;
mod passkeys;
mod passwords;
mod places;
mod proof;
mod reactions;
mod state;
mod store;

pub use admin::{NewAdmin, create as create_admin};
pub use app::build;
pub use config::Config;
pub use domain::key_of_stored as email_key;
pub use error::Error;
#[cfg(feature = "labs")]
pub use labs::LABS;
pub use service_kit::throttle::Limit;
pub use store::MIGRATIONS;
