//! What is to be done, as a list.

use super::step::Step;
use contracts::ServiceName;

/// The database that numbers and orders are in.
pub(super) const ORDERS: ServiceName = ServiceName::Order;

/// What is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Money of orders that are no more, or whose address is, goes back.
    pub refund: bool,
    /// The provider shows no log, as a real one.
    pub no_provider_log: bool,
}

/// What is to be done, and what only a person can do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
    pub notes: Vec<String>,
}
