//! notify-service owns what people are told: the in-app inbox, and mails with their attempts.
//!
//! It announces `notification.sent` and `notification.failed`; it reacts to what happens to accounts (`user.*`), orders
//! (`order.*`) and refunds (`payment.refunded`). It stores no name and no address: it asks user-service for them at the
//! moment it sends.

mod app;
mod changes;
mod config;
mod contacts;
mod dev_mails;
mod domain;
mod error;
pub mod http;
mod jobs;
#[cfg(feature = "labs")]
mod labs;
mod mail;
pub mod mend;
pub mod metrics;
mod outgoing;
mod personal_data;
mod reactions;
mod state;
mod store;

pub use app::build;
pub use config::{Config, MailConfig};
pub use dev_mails::dev_mails;
pub use error::Error;
#[cfg(feature = "labs")]
pub use labs::LABS;
pub use mail::Way;
pub use store::MIGRATIONS;
