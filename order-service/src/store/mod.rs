//! The only place with SQL.

pub(crate) mod backlog;
pub(crate) mod carts;
pub(crate) mod checkouts;
pub(crate) mod history;
pub(crate) mod intents;
pub(crate) mod new_orders;
pub(crate) mod numbers;
pub(crate) mod order_lists;
pub(crate) mod orders;
pub(crate) mod people;
pub(crate) mod refunds;
