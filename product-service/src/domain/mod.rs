//! What a valid product is made of, who gets what there is, and what may become of a reservation. Pure: no HTTP, no SQL.

mod adjustment;
mod level;
mod picture;
mod product;
mod reservation;
mod reserve_lines;
mod shelf;
mod shown;
mod sku;
mod texts;
mod words;

pub(crate) use adjustment::{Adjustment, Reason};
pub(crate) use level::Level;
pub(crate) use picture::Picture;
pub(crate) use product::{Edit, NewProduct, Product, Status};
pub(crate) use reservation::Booked;
pub use reservation::{Fact, Next, Reservation, StockEffect};
pub(crate) use reserve_lines::ReserveLines;
pub use reserve_lines::Short;
pub(crate) use shelf::{Checkout, Decided, Offer, Refusal, Shelf};
pub(crate) use shown::{Narrower, Shown};
pub(crate) use sku::Sku;
pub(crate) use texts::{CategoryName, Description, ProductName, SearchText, Slug, parse_price, parse_stock};
pub(crate) use words::{Wanted, Words};
