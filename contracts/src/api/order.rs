//! What product-service asks order-service before it lets a reservation expire, and orders and carts as shoppers see them.

use crate::{AccountId, CartId, CheckoutId, Money, NoteId, OrderId, ProductId, events::order::CancelReason};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Answer of `POST /internal/checkouts/{checkout_id}/expire`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckoutExpiry {
    /// The checkout that was asked about.
    pub checkout_id: CheckoutId,
    /// True: no live order holds the checkout's reservation, and none ever will.
    pub expired: bool,
}

/// Where an order stands: `pending` → `paid` → `fulfilled` → `completed`, or `cancelled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Placed; its payment is awaited.
    Pending,
    /// Its money was captured.
    Paid,
    /// It has left the warehouse.
    Fulfilled,
    /// Over: nothing more happens to it.
    Completed,
    /// It will not be fulfilled.
    Cancelled,
}

impl OrderStatus {
    /// As on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Fulfilled => "fulfilled",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An order with its lines, as it is answered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrderView {
    /// What it is.
    pub id: OrderId,
    /// For people.
    pub number: i64,
    /// Whose it is.
    pub customer_id: AccountId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Why it was cancelled: `requested`, `payment_declined`, `payment_overdue` or `reservation_expired`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CancelReason>)]
    pub cancel_reason: Option<String>,
    /// In the order of their SKUs.
    pub lines: Vec<LineView>,
    /// Of all lines.
    pub total: Money,
    /// What was given back so far.
    pub refunded: Money,
    /// The payment provider's token.
    pub payment_method: String,
    /// Where it goes: `name`, `line1`, `line2`, `postal_code`, `city`, `region`, `country`.
    #[schema(value_type = AddressBody)]
    pub shipping_address: Value,
    /// When it was placed.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was changed last.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// One SKU of an order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LineView {
    /// What was ordered by.
    pub sku: String,
    /// As it was when the order was placed.
    pub name: String,
    /// How many pieces.
    pub quantity: i32,
    /// What one piece cost.
    pub unit_price: Money,
    /// All pieces at that price.
    pub line_total: Money,
}

/// Where an order goes, as it is sent.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressBody {
    /// Who gets it.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("Ada Lovelace")
    )]
    pub name: String,
    /// Street and number, or what is there in its place.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("12 St James's Square")
    )]
    pub line1: String,
    /// More of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    pub line2: Option<String>,
    /// As the country writes it.
    #[schema(
        min_length = 1,
        max_length = 20,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("SW1Y 4JH")
    )]
    pub postal_code: String,
    /// City, town or village.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("London")
    )]
    pub city: String,
    /// State, province or county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2; XK is Kosovo.
    #[schema(pattern = "^[A-Za-z]{2}$", examples("GB"))]
    pub country: String,
}

/// What order-service itself did and learned about an order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Timeline)]
pub struct TimelineView {
    /// Which.
    pub order_id: OrderId,
    /// Oldest first.
    pub entries: Vec<EntryView>,
}

/// One entry of an order's timeline.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Entry)]
pub struct EntryView {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What order-service did or learned.
    pub what: String,
    /// Where the order stood; none for one that was placed.
    #[schema(value_type = Option<OrderStatus>)]
    pub from_status: Option<String>,
    /// Where it stands since.
    #[schema(value_type = OrderStatus)]
    pub to_status: String,
    /// The event that caused it; null when a request or a deadline did.
    pub cause_id: Option<Uuid>,
    /// Its type.
    pub cause_type: Option<String>,
    /// For finding the request in traces and logs.
    pub trace_id: String,
}

/// Body of `POST /orders/{id}/notes`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNote)]
pub struct NoteBody {
    /// Lines are kept.
    #[schema(min_length = 1, max_length = 2000, pattern = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*$")]
    pub text: String,
}

/// What somebody of the staff wrote about an order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Note)]
pub struct NoteView {
    /// What it is.
    pub id: NoteId,
    /// The account, or the API key, that wrote it.
    pub author: Uuid,
    /// As it was written.
    pub text: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub written_at: OffsetDateTime,
}

/// Body of `POST /orders/fulfil`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FulfilOrders)]
pub struct FulfilOrdersBody {
    /// Which have left.
    #[schema(min_items = 1, max_items = 100)]
    pub order_ids: Vec<OrderId>,
}

/// Its answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FulfilledOrders)]
pub struct FulfilledOrdersView {
    /// One for each that was named, in their order.
    pub items: Vec<FulfilledOrderView>,
}

/// What became of one of them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FulfilledOrder)]
pub struct FulfilledOrderView {
    /// Which.
    pub order_id: OrderId,
    /// Whether it is fulfilled now, by this request or before.
    pub fulfilled: bool,
    /// For people; null where there is no such order.
    #[schema(required)]
    pub number: Option<i64>,
    /// Why it is not, as a problem's `code`.
    #[schema(required)]
    pub code: Option<String>,
    /// The same as a sentence.
    #[schema(required)]
    pub detail: Option<String>,
}

/// Answer of `GET /orders/figures`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderFigures)]
pub struct OrderFiguresView {
    /// When they were read: they are kept for a minute.
    #[serde(with = "time::serde::rfc3339")]
    pub read_at: OffsetDateTime,
    /// Each day (UTC) of those asked for, oldest first, the last is today.
    pub days: Vec<OrderDayView>,
    /// Paid, and not fulfilled yet; counted up to 101, which is more than a hundred.
    pub waiting: i64,
    /// Pending past the moment their payment was awaited until; counted likewise.
    pub overdue: i64,
    /// Declarations of withdrawal that nobody has closed; counted likewise. 0 from a version that knows of none.
    #[serde(default)]
    pub withdrawals: i64,
}

/// The orders that were placed on a day, as they stood some time after their hour; those of the last hours as they stand.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderDay)]
pub struct OrderDayView {
    /// `2026-11-30`.
    #[schema(format = Date)]
    pub day: String,
    /// Placed.
    pub orders: i64,
    /// Of those paid.
    pub paid: i64,
    /// Of those cancelled since their payment was declined.
    pub declined: i64,
    /// Totals of those that were paid, whatever was given back: one for each currency.
    pub revenue: Vec<Money>,
}

/// What somebody means to order. Nothing of it is held for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Cart)]
pub struct CartView {
    /// What it is, for as long as it is kept.
    pub id: CartId,
    /// Counts its changes. A checkout names the one the shopper saw.
    pub version: i64,
    /// In the order in which they came in.
    pub lines: Vec<CartLineView>,
    /// Of all lines at the prices they show; none where there is none, or there are several currencies.
    pub total: Option<Money>,
    /// Whether something is not as the shopper was told: see each line's `changes`. A checkout waits until they agree.
    pub changed: bool,
    /// False where the catalogue could not be asked: then nobody knows what has changed.
    pub checked: bool,
    /// When it is forgotten unless it is changed before.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// A SKU in a cart, as the shopper was told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CartLine)]
pub struct CartLineView {
    /// What is ordered by.
    #[schema(examples("MUG-0042"))]
    pub sku: String,
    /// Its name.
    pub name: String,
    /// How many pieces are wanted.
    #[schema(minimum = 1, maximum = 999)]
    pub quantity: i32,
    /// What one piece cost when the shopper was told.
    pub unit_price: Money,
    /// All pieces at that price.
    pub line_total: Money,
    /// The product; none where it is not sold, or nobody could ask.
    pub product_id: Option<ProductId>,
    /// The path of its picture on product-service.
    pub picture: Option<String>,
    /// What is not as the shopper was told.
    pub changes: Vec<CartChange>,
}

/// What became of a line since the shopper was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum CartChange {
    /// A piece costs something else.
    Price {
        /// What it costs.
        now: Money,
    },
    /// There is not enough for so many pieces.
    Short {
        /// What there is.
        available: i64,
    },
    /// It is not sold any more.
    NotSold,
}

/// The header in which a guest shows the token of their cart.
pub const CART_TOKEN: &str = "cart-token";

/// A new guest's cart, with what opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NewCart)]
pub struct NewCartView {
    /// The cart.
    #[serde(flatten)]
    pub cart: CartView,
    /// Shown once, to a guest: who has it has the cart. It is sent as `Cart-Token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}
