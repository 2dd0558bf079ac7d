//! What product-service announces.

use crate::{AccountId, CheckoutId, OrderId, ProductId, VariantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A product was added to the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductCreated)]
pub struct Created {
    /// The product.
    pub product_id: ProductId,
    /// The SKU of its default variant.
    pub sku: String,
}

/// A product's text, price, category or status changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductUpdated)]
pub struct Updated {
    /// The product.
    pub product_id: ProductId,
    /// The SKU of its default variant.
    pub sku: String,
}

/// A product is no longer sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductArchived)]
pub struct Archived {
    /// The product.
    pub product_id: ProductId,
    /// The SKU of its default variant.
    pub sku: String,
}

/// How many pieces can be bought; announced once a second per SKU at the most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StockChanged)]
pub struct StockChanged {
    /// What is stocked.
    pub variant_id: VariantId,
    /// Its product.
    pub product_id: ProductId,
    /// Its SKU.
    pub sku: String,
    /// Pieces that can be bought now: on hand less reserved.
    pub available: i64,
}

/// Reserved stock was given back because no live order holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReservationExpired)]
pub struct ReservationExpired {
    /// The try to check out that held it.
    pub checkout_id: CheckoutId,
    /// The order the stock was meant for; it may never have been stored.
    pub order_id: OrderId,
}

/// The receipt of `user.erased`: product-service keeps nothing of that person any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProductPersonErased)]
pub struct PersonErased {
    /// The account that was.
    pub account_id: AccountId,
    /// How many rows held something of theirs.
    pub rows: i64,
}
