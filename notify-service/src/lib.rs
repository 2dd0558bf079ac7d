//! notify-service owns what people are told: the in-app inbox, and mails with their attempts.
//!
//! It announces `notification.sent` and `notification.failed`; it reacts to what happens to accounts (`user.*`), orders
//! (`order.*`) and refunds (`payment.refunded`). It stores no name and no address: it asks user-service for them at the
//! moment it sends.

mod app;
mod config;
mod dev_mails;
mod domain;
mod error;
pub mod http;
mod jobs;
mod mail;
pub mod mend;
pub mod metrics;
mod reactions;
mod store;

pub use app::build;
pub use config::{Config, MailConfig, Way};
pub use dev_mails::dev_mails;
pub use error::Error;

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
