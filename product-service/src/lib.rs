//! product-service owns the catalogue, prices, stock and who holds it.
//!
//! It announces `product.created`, `product.updated`, `product.archived`, `stock.changed` and `reservation.expired`;
//! it reacts to `order.paid`, `order.cancelled` and `order.fulfilled`. order-service asks it to reserve; it asks
//! order-service before it lets a reservation expire.

mod app;
mod config;
pub mod domain;
mod error;
pub mod http;
mod jobs;
pub mod mend;
pub mod metrics;
mod reactions;
mod seed;
mod stock_watch;
mod store;

pub use app::build;
pub use config::Config;
pub use error::Error;
pub use seed::{SeedProduct, SeedReport, seed};

/// This service's tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
