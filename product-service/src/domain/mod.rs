//! What a valid product is made of, and what may become of a reservation. Pure: no HTTP, no SQL.

mod adjustment;
mod picture;
mod reservation;
mod reserve_lines;
mod sku;
mod texts;

pub(crate) use adjustment::{Adjustment, Reason};
pub(crate) use picture::Picture;
pub use reservation::{Fact, Next, Reservation, StockEffect};
pub(crate) use reserve_lines::ReserveLines;
pub use reserve_lines::Short;
pub(crate) use sku::Sku;
pub(crate) use texts::{CategoryName, Description, ProductName, SearchText, Slug, parse_price, parse_stock};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a product stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProductStatus)]
pub(crate) enum Status {
    /// Seen by staff alone.
    Draft,
    /// Sold.
    Active,
    /// No longer sold; old orders and links still find it.
    Archived,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Active, Self::Archived].into_iter().find(|status| status.as_str() == text)
    }
}
