//! user-service owns accounts, credentials, roles and the keys people's tokens are signed with.
//!
//! It announces `user.verification_requested`, `user.registered` and `user.verified`; it reacts to nothing yet. It is the
//! only service that knows names and addresses of people; notify-service asks for them at the moment it sends.

mod admin;
mod app;
mod changes;
mod config;
mod domain;
mod error;
pub mod http;
mod jobs;
#[cfg(feature = "labs")]
mod labs;
mod mail_bounds;
pub mod metrics;
mod passwords;
mod reactions;
mod state;
mod store;
mod throttle;

pub use admin::{NewAdmin, create as create_admin};
pub use app::build;
pub use config::Config;
pub use domain::key_of_stored as email_key;
pub use error::Error;
#[cfg(feature = "labs")]
pub use labs::LABS;
pub use store::MIGRATIONS;
pub use throttle::Limit;
