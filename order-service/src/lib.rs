//! order-service owns orders: what was bought, for how much, and where each one stands.
//!
//! It is the process manager of the main flow. It announces `order.created`, `order.paid`, `order.cancelled`,
//! `order.fulfilled` and `withdrawal.declared`; it reacts to `payment.completed`, `payment.failed`, `payment.refunded` and
//! `reservation.expired`. It alone owns an order's deadline.

mod app;
mod changes;
mod config;
#[doc(hidden)]
pub mod counted;
pub mod domain;
mod error;
#[doc(hidden)]
pub mod fuzzed;
pub mod http;
mod jobs;
mod kept_figures;
#[cfg(feature = "labs")]
mod labs;
pub mod mend;
pub mod metrics;
mod personal_data;
mod products;
mod reactions;
mod state;
mod store;

pub use app::{MIGRATIONS, build};
pub use config::Config;
pub use error::Error;
#[cfg(feature = "labs")]
pub use labs::LABS;
