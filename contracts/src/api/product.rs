//! What order-service asks product-service.

use crate::{CheckoutId, Money, OrderId, ProductId, Quantity, VariantId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Body of `POST /internal/reservations`. All lines are reserved or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveRequest {
    pub checkout_id: CheckoutId,
    /// The order to be made; a repeat with the same `checkout_id` is answered with the first one.
    pub order_id: OrderId,
    /// At most one line per SKU, at most 100 lines.
    #[schema(min_items = 1, max_items = 100)]
    pub lines: Vec<ReserveLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveLine {
    pub sku: String,
    pub quantity: Quantity,
}

/// Its answer: stock held, names and prices as they are now. The same for every repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reservation {
    pub checkout_id: CheckoutId,
    pub order_id: OrderId,
    pub lines: Vec<ReservedLine>,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservedLine {
    pub product_id: ProductId,
    pub variant_id: VariantId,
    pub sku: String,
    pub name: String,
    pub quantity: Quantity,
    pub unit_price: Money,
}
