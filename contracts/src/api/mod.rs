//! Bodies and answers that somebody else reads or sends besides the service that has the route: another service, the
//! pages, a tool. What only shoppers and staff read stays in its service.

pub mod account;
pub mod address_book;
pub mod order;
pub mod passkey;
pub mod personal_data;
pub mod product;
pub mod second_factor;
pub mod user;
