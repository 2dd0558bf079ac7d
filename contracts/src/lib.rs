//! What crosses a service border, and nothing else: ids, money, events and the bodies one service reads from another.
//!
//! Types with derives and parsing, no behaviour beyond that. Events are facts in the past tense; their wire form is
//! frozen by the snapshots in `contracts/snapshots/`: a stored one must decode for ever, and what would break it is a
//! new type `….v2`.

#![deny(missing_docs)]

pub mod access;
pub mod api;
pub mod envelope;
pub mod events;
mod ids;
mod money;
mod service_name;

pub use envelope::{Event, RawEvent};
pub use ids::{
    AccountId, AccountRequestId, AddressId, ApiKeyId, CartId, CheckoutId, ErasureId, EventId, ExportId, IdError,
    MessageId, NoteId, OrderId, PasskeyId, PaymentId, ProductId, RefundId, SessionId, VariantId, WithdrawalId,
};
pub use money::{Currency, Money, MoneyError, Quantity};
pub use service_name::ServiceName;
