//! The keys under which the provider knows our orders to move money. Made from what never changes, so that even a row
//! that was made anew could not charge twice.

use contracts::{EventId, OrderId};

pub(crate) fn charge_key(order_id: OrderId) -> String {
    format!("charge-{order_id}")
}

/// For a charge that no payment of ours has any more.
pub(crate) fn restored_refund_key(charge: &str) -> String {
    format!("refund-restored-{charge}")
}

pub(crate) fn refund_key(order_id: OrderId, cause: EventId) -> String {
    format!("refund-{order_id}-{cause}")
}
