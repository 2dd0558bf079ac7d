//! The all-in-one: five services, the payment provider's simulator and the front door in one process, on a PostgreSQL
//! that it starts itself; and the operator's commands.
//!
//! It holds no business rule. A service here is the very same [`service_kit::Service`] its own `main` runs.

mod admin;
pub mod cli;
mod data_folder;
mod demo;
pub mod front_door;
pub mod platform;
mod provider;
mod seed;
mod service;
mod up;
pub mod variables;
