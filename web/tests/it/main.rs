//! The pages over stand-ins for the services, and the process that serves them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod account;
mod cart_count;
mod checkout_addresses;
mod flow;
mod guests;
mod languages;
mod merchant;
mod office_products;
mod order_events;
mod pages;
mod platform;
mod process;
mod products;
mod services;
mod shop;
mod shop_name;
mod stand_in;
mod withdrawal;
