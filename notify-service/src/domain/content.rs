//! The facts a message tells. They are stored with the message; [`super::Letter`] and [`super::Notice`] put them into
//! words. No personal data: those are asked for at the moment of sending.

use contracts::{
    Money, OrderId,
    events::order::{CancelReason, Line},
};
use serde::{Deserialize, Serialize};

/// Stored as JSON: what was stored once must stay readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub(crate) enum Content {
    VerifyEmail,
    RegistrationRepeated,
    Welcome,
    OrderReceived {
        order_id: OrderId,
        number: i64,
        lines: Vec<Line>,
        total: Money,
    },
    OrderPaid {
        order_id: OrderId,
        number: i64,
        total: Money,
    },
    OrderCancelled {
        order_id: OrderId,
        number: i64,
        total: Money,
        reason: CancelReason,
        was_paid: bool,
    },
    OrderShipped {
        order_id: OrderId,
        number: i64,
    },
    /// The payment's event does not know the order's number.
    RefundSent {
        order_id: OrderId,
        amount: Money,
    },
}

impl Content {
    /// The template's name: in the database, in events and in the Message-ID.
    pub(crate) const fn template(&self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::RegistrationRepeated => "registration_repeated",
            Self::Welcome => "welcome",
            Self::OrderReceived { .. } => "order_received",
            Self::OrderPaid { .. } => "order_paid",
            Self::OrderCancelled { .. } => "order_cancelled",
            Self::OrderShipped { .. } => "order_shipped",
            Self::RefundSent { .. } => "refund_sent",
        }
    }

    /// Whether it also appears in the app. What concerns the mailbox itself does not: to confirm an address it must be
    /// read there, and that somebody tried to register with it is news for its owner, not for the account.
    pub(crate) const fn in_inbox(&self) -> bool {
        !matches!(self, Self::VerifyEmail | Self::RegistrationRepeated)
    }

    /// Whether its mail goes to an address whose owner has confirmed it, and may name them. To any other address a
    /// stranger may have sent it: there it holds no word that somebody typed.
    pub(crate) const fn by_name(&self) -> bool {
        !matches!(self, Self::VerifyEmail | Self::RegistrationRepeated)
    }

    pub(crate) const fn order_id(&self) -> Option<OrderId> {
        match self {
            Self::VerifyEmail | Self::RegistrationRepeated | Self::Welcome => None,
            Self::OrderReceived { order_id, .. }
            | Self::OrderPaid { order_id, .. }
            | Self::OrderCancelled { order_id, .. }
            | Self::OrderShipped { order_id, .. }
            | Self::RefundSent { order_id, .. } => Some(*order_id),
        }
    }

    pub(crate) const fn order_number(&self) -> Option<i64> {
        match self {
            Self::VerifyEmail | Self::RegistrationRepeated | Self::Welcome | Self::RefundSent { .. } => None,
            Self::OrderReceived { number, .. }
            | Self::OrderPaid { number, .. }
            | Self::OrderCancelled { number, .. }
            | Self::OrderShipped { number, .. } => Some(*number),
        }
    }
}
