//! The rules of an order. Pure: no HTTP, no SQL, no clock.

mod address;
pub(crate) mod card_number;
mod new_order;
mod status;
mod total;

pub(crate) use address::{Address, AddressBody};
pub(crate) use new_order::{NewOrder, PlaceOrderBody, checkout_id};
pub use status::{Status, WrongStatus};
pub(crate) use total::total;
