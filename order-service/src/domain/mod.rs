//! The rules of an order. Pure: no HTTP, no SQL, no clock.

mod cart;
mod first_id;
mod hour;
mod intent;
mod lost_address;
mod new_order;
mod nowhere;
mod order;
mod reason;
mod status;
mod total;
mod wish;
mod withdrawal;

pub(crate) use cart::{Agreed, Cart, CartLine, Change as CartChange, MOST_LINES, Offers, Unfit};
pub(crate) use first_id::{first_id, made_at};
pub(crate) use hour::{counted_before, hour_of};
pub use intent::Limits;
pub(crate) use intent::{Begun, Intent};
pub(crate) use lost_address::lost_address;
pub(crate) use new_order::{NewOrder, cart_checkout_id, checkout_id, method, sku};
pub(crate) use nowhere::nowhere;
pub(crate) use order::{Change, Effect, Order, RefundError};
pub(crate) use reason::{REASONS, parse_reason, parse_status, reason_name};
pub use status::{Status, WrongStatus};
pub(crate) use total::total;
pub(crate) use wish::Wish;
pub(crate) use withdrawal::Declaration;
