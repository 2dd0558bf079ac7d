//! What crosses a service border, and nothing else: ids, money, events and the bodies one service reads from another.
//!
//! Types with derives and parsing, no behaviour beyond that. Events are facts in the past tense; their wire form is
//! frozen by the snapshots in `contracts/snapshots/`: a stored one must decode for ever, and what would break it is a
//! new type `….v2`.

#![deny(missing_docs)]

pub mod api;
pub mod envelope;
pub mod events;
mod ids;
mod money;
mod service_name;

pub use envelope::{Event, RawEvent};
pub use ids::{AccountId, CheckoutId, EventId, IdError, MessageId, OrderId, PaymentId, ProductId, RefundId, VariantId};
pub use money::{Currency, Money, MoneyError, Quantity};
pub use service_name::ServiceName;
