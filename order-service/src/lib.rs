//! order-service owns orders: what was bought, for how much, and where each one stands.
//!
//! It is the process manager of the main flow. It announces `order.created`, `order.paid`, `order.cancelled` and
//! `order.fulfilled`; it reacts to `payment.completed`, `payment.failed`, `payment.refunded` and
//! `reservation.expired`. It alone owns an order's deadline.

mod app;
mod config;
pub mod domain;
mod error;
pub mod http;
mod jobs;
pub mod mend;
pub mod metrics;
mod reactions;
mod store;

pub use app::build;
pub use config::Config;
pub use error::Error;

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
