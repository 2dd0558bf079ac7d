//! product-service owns the catalogue, prices, stock and who holds it.
//!
//! It announces `product.created`, `product.updated`, `product.archived`, `stock.changed` and `reservation.expired`;
//! it reacts to `order.paid`, `order.cancelled` and `order.fulfilled`. order-service asks it to reserve; it asks
//! order-service before it lets a reservation expire.

mod answers;
mod app;
mod bucket;
mod changes;
mod config;
#[doc(hidden)]
pub mod counted;
mod darkroom;
pub mod domain;
mod error;
#[doc(hidden)]
pub mod fuzzed;
pub mod http;
mod jobs;
#[cfg(feature = "labs")]
mod labs;
pub mod mend;
pub mod metrics;
mod personal_data;
mod reactions;
mod seed;
mod slice;
mod state;
mod stock_watch;
mod store;
#[cfg(test)]
mod tests;

pub use app::build;
pub use bucket::Place;
pub use config::Config;
pub use error::Error;
#[cfg(feature = "labs")]
pub use labs::LABS;
pub use seed::{SeedProduct, SeedReport, seed};
pub use store::MIGRATIONS;
