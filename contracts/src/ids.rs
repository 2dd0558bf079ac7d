//! Typed ids over UUIDs (RFC 9562). New ones are version 7, made by the clock of `service-kit`.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;
use uuid::Uuid;

/// A text that is not a UUID where an id was expected.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text:?} is not an id: expected a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057")]
pub struct IdError {
    text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(Uuid);

        impl $name {
            /// The bare UUID, for a column or a header.
            #[must_use]
            pub const fn uuid(self) -> Uuid { self.0 }
        }
        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self { Self(uuid) }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}({})", stringify!($name), self.0) }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError { text: text.to_owned() })
            }
        }
    )*};
}

ids! {
    /// A person's account: customer or staff.
    AccountId
    /// A login of a person, from the first token to the log-out: a family of refresh tokens.
    SessionId
    /// An address in somebody's book.
    AddressId
    /// A machine's key.
    ApiKeyId
    /// A passkey of somebody's.
    PasskeyId
    /// What somebody means to order.
    CartId
    /// What was asked for about an account: a new password, another address, an invitation.
    AccountRequestId
    /// That an account is to be erased.
    ErasureId
    /// That a person wants to have all that is kept of them.
    ExportId
    /// A product of the catalogue.
    ProductId
    /// What is bought and stocked: a product has one or more variants, each with its SKU.
    VariantId
    /// An order.
    OrderId
    /// What staff wrote about an order.
    NoteId
    /// That somebody withdraws from a contract.
    WithdrawalId
    /// One try to check out: a hash of (customer, `Idempotency-Key`), so that a repeat meets the same reservation.
    CheckoutId
    /// A payment: one per order.
    PaymentId
    /// A refund of a payment.
    RefundId
    /// A message to a person.
    MessageId
    /// An event; also the AMQP `message_id`.
    EventId
}
