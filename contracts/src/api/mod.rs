//! Bodies and answers that somebody else reads or sends besides the service that has the route: another service, the
//! pages, a tool. What only shoppers and staff read stays in its service.

pub mod order;
pub mod product;
pub mod user;
