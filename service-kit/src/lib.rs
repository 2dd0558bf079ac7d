//! What every service needs and no shop words: the transaction, outbox and inbox, the two buses, tokens, problems,
//! the HTTP server with its operator's routes, timed jobs and the orderly end.
//!
//! A service hands in its routes, reactions and jobs ([`Service`]) and gets back a thing that runs until told to stop.
//!
//! What services call gives back boxed futures where much stands behind it. The body of an `async fn` is compiled where it is
//! awaited, with all that it awaits: unboxed, each service would be given the whole kit, the pool, the broker's client and
//! the HTTP server once more, and a first build takes twice as long.

#![deny(missing_docs)]

pub mod agreement;
pub mod ambient;
pub mod arrival;
pub mod audit;
pub mod auth;
mod backoff;
pub mod bus;
pub mod card_number;
mod cause;
pub mod client_address;
mod collected;
pub mod config;
pub mod cors;
mod database;
mod declared;
pub mod discovery;
mod dispatcher;
pub mod document;
pub mod email;
mod env;
mod error;
mod event_log;
pub mod extract;
pub mod flow;
pub mod forwarded_prefix;
#[doc(hidden)]
pub mod fuzzed;
pub mod gather;
mod head;
pub mod http_server;
pub mod idempotency;
pub mod if_match;
pub mod if_none_match;
pub mod inbox;
pub mod jobs;
pub mod keeping;
mod kit;
#[cfg(feature = "labs")]
pub mod labs;
pub mod leaving;
pub mod mail_bounds;
pub mod metrics;
mod observe;
pub mod operator_log;
pub mod operators;
pub mod outbox;
pub mod pace;
pub mod paging;
pub mod peers;
pub mod personal_data;
mod points;
pub mod postal_address;
pub mod problem;
pub mod pruning;
mod reactions;
mod relay;
mod retention;
mod rounds;
mod routes;
mod seen_through;
mod server;
mod service;
mod shape;
mod shedding;
pub mod shop_name;
mod slice;
pub mod spans;
pub mod standalone;
mod supervised;
pub mod telemetry;
pub mod text;
pub mod throttle;
pub mod trace;
mod tx;
pub mod variables;
mod vault;

pub use ambient::Clock;
pub use backoff::Backoff;
pub use bus::Bus;
pub use cause::{By, Cause};
pub use client_address::ClientAddress;
pub use collected::AtCommit;
pub use config::{Migrations, Publish, Settings};
pub use database::{Database, Migrated, Versions, connect_options, why_not_opened};
pub use discovery::Directory;
pub use env::{ConfigError, Env, Environment};
pub use error::KitError;
pub use gather::Gather;
pub use kit::Kit;
pub use labs_macro::cure;
pub use points::outgoing;
pub use problem::{Fault, Kind, Problem};
pub use reactions::Subscriptions;
pub use routes::Routes;
pub use service::Service;
pub use slice::{each, firsts_first, one, wait_shortly};
pub use sqlx::migrate::Migrator;
pub use tx::{Committed, Tx};
pub use variables::Variable;
pub use vault::Vault;
