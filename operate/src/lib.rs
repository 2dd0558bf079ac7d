//! What an operator runs against a platform: the doctor and its repair, events and dead letters, an order's timeline, and
//! what is due after backups were put back. Each command is here whole; its name and place on the command line are
//! `ecom`'s. It reaches a platform through [`reach`] and starts none.

pub mod audit;
pub mod broker;
pub mod databases;
pub mod dead_letters;
pub mod doctor;
pub mod events;
pub mod keys;
mod operator;
mod pruned;
pub mod reach;
pub mod restored;
pub mod terminal;
pub mod timeline;
