//! Bodies that one service reads from another. What only shoppers and staff read stays in its service.

pub mod order;
pub mod product;
pub mod user;
