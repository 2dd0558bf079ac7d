//! How much of a variant lies in one place.

use super::adjustment::Adjustment;
use contracts::{ProductId, VariantId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) variant_id: VariantId,
    pub(crate) product_id: ProductId,
    pub(crate) sku: String,
    pub(crate) location: String,
    pub(crate) on_hand: i64,
    /// Held for orders that are not shipped yet.
    pub(crate) reserved: i64,
}

impl Level {
    /// The level after it; none when what is promised would be taken away.
    pub(crate) fn adjusted(&self, adjustment: &Adjustment) -> Option<Self> {
        let on_hand = self.on_hand + adjustment.quantity;
        (on_hand >= self.reserved).then(|| Self { on_hand, ..self.clone() })
    }
}
