//! What product-service announces.

use crate::{CheckoutId, OrderId, ProductId, VariantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductCreated)]
pub struct Created {
    pub product_id: ProductId,
    pub sku: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductUpdated)]
pub struct Updated {
    pub product_id: ProductId,
    pub sku: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductArchived)]
pub struct Archived {
    pub product_id: ProductId,
    pub sku: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StockChanged)]
pub struct StockChanged {
    pub variant_id: VariantId,
    pub product_id: ProductId,
    pub sku: String,
    /// Pieces that can be bought now: on hand less reserved.
    pub available: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReservationExpired)]
pub struct ReservationExpired {
    pub checkout_id: CheckoutId,
    /// The order the stock was meant for; it may never have been stored.
    pub order_id: OrderId,
}
