//! The all-in-one: five services, the payment provider's simulator and the front door in one process, on a PostgreSQL
//! that it starts itself; and the operator's commands.
//!
//! It holds no business rule. A service here is the very same [`service_kit::Service`] its own `main` runs.

mod admin;
mod chaos;
pub mod cli;
mod data_folder;
mod databases;
pub mod dead_letters;
mod demo;
pub mod doctor;
pub mod events;
pub mod front_door;
#[cfg(feature = "labs")]
mod labs;
mod operator;
pub mod platform;
mod provider;
pub mod reach;
pub mod restored;
mod seed;
mod service;
mod terminal;
pub mod timeline;
mod up;
