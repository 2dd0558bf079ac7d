//! user-service owns accounts, credentials, roles and the keys people's tokens are signed with.
//!
//! It announces `user.verification_requested`, `user.registered` and `user.verified`; it reacts to nothing yet. It is the only service that knows names and addresses of people; notify-service asks for
//! them at the moment it sends.

mod admin;
mod app;
mod config;
mod confirmation;
mod domain;
mod error;
pub mod http;
mod jobs;
pub mod metrics;
mod passwords;
mod places;
mod reactions;
mod registration;
mod store;
mod throttle;

pub use admin::{NewAdmin, create as create_admin};
pub use app::build;
pub use config::Config;
pub use domain::key_of_stored as email_key;
pub use error::Error;
pub use throttle::Limit;

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
