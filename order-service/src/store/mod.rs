//! The only place with SQL.

pub(crate) mod backlog;
pub(crate) mod carts;
pub(crate) mod checkouts;
pub(crate) mod guest_checkouts;
pub(crate) mod history;
pub(crate) mod hours;
pub(crate) mod intents;
pub(crate) mod new_orders;
pub(crate) mod notes;
pub(crate) mod numbers;
pub(crate) mod order_lists;
pub(crate) mod orders;
pub(crate) mod people;
pub(crate) mod refunds;
pub(crate) mod withdrawals;
