//! Bodies and answers that somebody else reads or sends besides the service that has the route: another service, the
//! pages, a tool. What only shoppers and staff read stays in its service.

pub mod account;
pub mod address_book;
pub mod guest;
pub mod notify;
pub mod operators;
pub mod order;
pub mod passkey;
pub mod payment;
pub mod personal_data;
pub mod product;
pub mod second_factor;
pub mod user;
pub mod withdrawal;
