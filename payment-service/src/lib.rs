//! payment-service owns payments, refunds, the ledger and the adapters to payment providers.
//!
//! It reacts to `order.created` (stores what is to be charged; a job charges it) and `order.cancelled` (charges no more,
//! or gives the money back) and announces `payment.completed`, `payment.failed` and `payment.refunded`.
//!
//! Every order to the provider carries a key that was stored before it was sent. What became of a call without an answer
//! is found out by asking, never by charging anew. Whatever is learned, from a response, from asking or from an event,
//! goes through one transition function: [`domain::Payment::learn`].

mod app;
mod at_hand;
mod changes;
mod config;
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
mod origin;
mod personal_data;
mod provider;
mod reactions;
mod state;
mod store;
#[cfg(test)]
mod support;

pub use app::build;
pub use config::Config;
pub use error::Error;
#[cfg(feature = "labs")]
pub use labs::LABS;
pub use store::MIGRATIONS;
