//! What a customer is about to hold, and how much that may be.

use contracts::{AccountId, CheckoutId};

/// A customer is about to have pieces reserved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intent {
    pub(crate) customer_id: AccountId,
    pub(crate) checkout_id: CheckoutId,
    pub(crate) pieces: i64,
}

/// What a customer may hold unpaid at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub orders: i64,
    pub pieces: i64,
    /// Of guests, for all who have a mailbox or an address in common: ordered in the last hour and not paid.
    pub guest_orders: i64,
}

/// What became of an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// It is counted.
    Counted,
    /// There is an order for this checkout, or there will be none.
    Decided,
    /// The customer holds so much besides.
    TooMuch { orders: i64, pieces: i64 },
}
