//! What order-service asks product-service, and how the catalogue is shown.

use crate::{CheckoutId, Money, OrderId, ProductId, Quantity, VariantId};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Body of `POST /internal/reservations`. All lines are reserved or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveRequest {
    /// The try to check out; a repeat has the same.
    pub checkout_id: CheckoutId,
    /// The order to be made; a repeat with the same `checkout_id` is answered with the first one.
    pub order_id: OrderId,
    /// At most one line per SKU, at most 100 lines.
    #[schema(min_items = 1, max_items = 100)]
    pub lines: Vec<ReserveLine>,
    /// What the shopper was told that a piece costs, by SKU: where it costs something else by now nothing is reserved.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prices: BTreeMap<String, Money>,
}

/// One SKU of a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveLine {
    /// What is wanted.
    pub sku: String,
    /// How many pieces of it.
    pub quantity: Quantity,
}

/// Its answer: stock held, names and prices as they are now. The same for every repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reservation {
    /// As it was asked for.
    pub checkout_id: CheckoutId,
    /// The order it is for.
    pub order_id: OrderId,
    /// In the order of their SKUs.
    pub lines: Vec<ReservedLine>,
    /// Until when the stock is held, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// What `POST /internal/reservations` takes: one checkout, or an array of up to 64, each decided for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Reserve {
    /// Answered by its [`Reservation`] or a problem.
    One(ReserveRequest),
    /// Answered by a [`ReserveAnswer`] each, in their order.
    Many(Vec<ReserveRequest>),
}

impl<'de> Deserialize<'de> for Reserve {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // By what it looks like, and not by trying: what is wrong with a checkout is told where it is.
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Reserve;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with `checkout_id`, `order_id` and `lines`, or an array of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reserve, A::Error> {
                ReserveRequest::deserialize(MapAccessDeserializer::new(map)).map(Reserve::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Reserve, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Reserve::Many)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// What one checkout of several came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReserveAnswer {
    /// Its stock is held.
    Held(Reservation),
    /// What it would have been answered alone.
    Refused(ReserveRefusal),
}

/// The problem that a checkout would have been answered with alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReserveRefusal {
    /// The HTTP status.
    pub status: u16,
    /// Stable; decide by it.
    pub code: String,
    /// For people.
    pub detail: String,
    /// What else it says, e.g. `short`.
    #[serde(flatten)]
    #[schema(ignore)]
    pub members: Map<String, Value>,
}

/// The answer to one checkout, or to each of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Reserved {
    /// To one.
    One(Reservation),
    /// To each, in their order.
    Many(Vec<ReserveAnswer>),
}

/// A line that is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservedLine {
    /// The product.
    pub product_id: ProductId,
    /// What is stocked of it.
    pub variant_id: VariantId,
    /// What was asked for.
    pub sku: String,
    /// Its name now.
    pub name: String,
    /// How many pieces are held.
    pub quantity: Quantity,
    /// What one piece costs now.
    pub unit_price: Money,
}

/// Body of `POST /internal/offers`: what a cart holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OffersRequest {
    /// Up to 200, each once.
    #[schema(max_items = 200)]
    pub skus: Vec<String>,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Offers {
    /// By SKU. One that is missing is not sold (any more).
    pub offers: BTreeMap<String, Offer>,
}

/// What can be bought under a SKU now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// The product.
    pub product_id: ProductId,
    /// Its name.
    pub name: String,
    /// What one piece costs.
    pub unit_price: Money,
    /// Pieces that can be had; holding some for an order is what reserving is for.
    pub available: i64,
    /// The path of its picture on product-service.
    pub picture: Option<String>,
}

/// A SKU whose price is another than the shopper was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedPrice {
    /// Which.
    pub sku: String,
    /// What the shopper was told.
    pub told: Money,
    /// What it costs.
    pub now: Money,
}

/// A product in the flat shape of its default variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductView {
    /// What it is, whatever it is called.
    pub id: ProductId,
    /// What it is ordered by.
    #[schema(examples("MUG-0042"))]
    pub sku: String,
    /// What it is called, on one line.
    pub name: String,
    /// What it is, in paragraphs; may be empty.
    pub description: String,
    /// The category's slug.
    pub category: String,
    /// What one piece costs.
    pub price: Money,
    /// Pieces that can be bought now; 0 for what is not sold.
    pub available: i64,
    /// The path of its picture on this service; never changes what it shows.
    pub picture: Option<String>,
    /// Where it stands.
    pub status: ProductStatus,
    /// Counts its changes; the `ETag`. Stock does not count.
    pub version: i64,
    /// When it was added.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was changed last.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Where a product stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    /// Seen by staff alone.
    Draft,
    /// Sold.
    Active,
    /// No longer sold; old orders and links still find it.
    Archived,
}

/// A shelf of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Category)]
pub struct CategoryView {
    /// What products name it by.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// How many products of it are sold.
    pub products: i64,
}

/// What of a SKU is on hand, and what of that is promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StockLevel)]
pub struct LevelView {
    /// What is stocked.
    pub sku: String,
    /// Where; there is one place so far.
    pub location: String,
    /// Pieces in the warehouse.
    pub on_hand: i64,
    /// Held for orders that are not shipped yet.
    pub reserved: i64,
    /// On hand less reserved.
    pub available: i64,
}

/// The level of one of many, with what it is the level of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StockOfProduct)]
pub struct StockLineView {
    /// Whose it is.
    pub product_id: ProductId,
    /// What it is called.
    pub name: String,
    /// Where it stands: what is archived may still lie in the warehouse.
    pub status: ProductStatus,
    /// How much there is.
    #[serde(flatten)]
    pub level: LevelView,
}

/// Answer of `GET /products/figures`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StockFigures)]
pub struct StockFiguresView {
    /// Each day (UTC) of those asked for, oldest first, the last is today.
    pub days: Vec<StockDayView>,
}

/// What ran out on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StockDay)]
pub struct StockDayView {
    /// `2026-11-30`.
    #[schema(format = Date)]
    pub day: String,
    /// So many SKUs that are sold could be had and then not any more, each counted once; as it was announced, so what came
    /// back within a second is not among them.
    pub ran_out: i64,
}

/// Why a level is what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StockMovement)]
pub struct MovementView {
    /// Counts up.
    pub position: i64,
    /// What it was.
    pub kind: MovementKind,
    /// Pieces that came in; below 0 those that went.
    pub quantity: i64,
    /// Why staff changed it.
    pub reason: Option<AdjustmentReason>,
    /// What they said of it.
    pub note: Option<String>,
    /// Who of the staff.
    pub account_id: Option<Uuid>,
    /// For which order.
    pub order_id: Option<Uuid>,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// What moved pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// The product was made with them.
    Initial,
    /// Goods came in.
    Restocked,
    /// Staff set something right.
    Adjusted,
    /// They left with an order.
    Shipped,
}

/// Why what is on hand changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentReason {
    /// New goods came in.
    Restocked,
    /// A customer sent something back that can be sold again.
    Returned,
    /// The shelf was counted.
    Counted,
    /// Broken, to be thrown away.
    Damaged,
    /// Not to be found.
    Lost,
}
