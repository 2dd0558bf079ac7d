//! The facts a message tells. They are stored with the message; [`super::Letter`] and [`super::Notice`] put them into
//! words. No personal data: those are asked for at the moment of sending.

use contracts::{
    AccountId, AccountRequestId, Money, OrderId, WithdrawalId,
    events::{
        order::{CancelReason, Line},
        user::PasskeyChange,
    },
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Stored as JSON: what was stored once must stay readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub(crate) enum Content {
    VerifyEmail,
    RegistrationRepeated,
    Welcome,
    PasswordReset {
        request_id: AccountRequestId,
    },
    PasswordChanged,
    LoginsSlowedDown,
    EmailChange {
        request_id: AccountRequestId,
    },
    /// Told at the address before.
    EmailChanged {
        request_id: AccountRequestId,
    },
    Invitation {
        request_id: AccountRequestId,
    },
    /// The account is to be erased; the erasure's id.
    Erasure {
        request_id: AccountRequestId,
    },
    ExportReady,
    ProviderLinked {
        provider: String,
    },
    PasskeysChanged {
        change: PasskeyChange,
    },
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
    /// Where it goes, and what was typed, order-service says.
    WithdrawalReceived {
        withdrawal_id: WithdrawalId,
        customer_id: Option<AccountId>,
        order_id: Option<OrderId>,
        number: Option<i64>,
        #[serde(with = "time::serde::rfc3339")]
        received_at: OffsetDateTime,
    },
}

impl Content {
    /// The template's name: in the database, in events and in the Message-ID.
    pub(crate) const fn template(&self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::RegistrationRepeated => "registration_repeated",
            Self::Welcome => "welcome",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::LoginsSlowedDown => "logins_slowed_down",
            Self::EmailChange { .. } => "email_change",
            Self::EmailChanged { .. } => "email_changed",
            Self::Invitation { .. } => "invitation",
            Self::Erasure { .. } => "erasure",
            Self::ExportReady => "export_ready",
            Self::ProviderLinked { .. } => "provider_linked",
            Self::PasskeysChanged { .. } => "passkeys_changed",
            Self::OrderReceived { .. } => "order_received",
            Self::OrderPaid { .. } => "order_paid",
            Self::OrderCancelled { .. } => "order_cancelled",
            Self::OrderShipped { .. } => "order_shipped",
            Self::RefundSent { .. } => "refund_sent",
            Self::WithdrawalReceived { .. } => "withdrawal_received",
        }
    }

    /// Whether it also appears in the app. What concerns the mailbox itself does not: to confirm an address it must be
    /// read there, and that somebody tried to register with it is news for its owner, not for the account.
    pub(crate) const fn in_inbox(&self) -> bool {
        match self {
            Self::VerifyEmail | Self::RegistrationRepeated => false,
            // Of their order its customer learns, whoever declared it without a log-in.
            Self::WithdrawalReceived { customer_id, .. } => customer_id.is_some(),
            _ => self.request_id().is_none(),
        }
    }

    /// Whether its mail goes to an address whose owner has confirmed it, and may name them. To any other address a
    /// stranger may have sent it: there it holds no word that somebody typed.
    pub(crate) const fn by_name(&self) -> bool {
        !matches!(self, Self::VerifyEmail | Self::RegistrationRepeated)
    }

    /// What was asked for about an account, of which user-service says where its mail goes and with which link.
    pub(crate) const fn request_id(&self) -> Option<AccountRequestId> {
        match self {
            Self::PasswordReset { request_id }
            | Self::EmailChange { request_id }
            | Self::EmailChanged { request_id }
            | Self::Invitation { request_id }
            | Self::Erasure { request_id } => Some(*request_id),
            _ => None,
        }
    }

    pub(crate) const fn order_id(&self) -> Option<OrderId> {
        match self {
            Self::OrderReceived { order_id, .. }
            | Self::OrderPaid { order_id, .. }
            | Self::OrderCancelled { order_id, .. }
            | Self::OrderShipped { order_id, .. }
            | Self::RefundSent { order_id, .. } => Some(*order_id),
            Self::WithdrawalReceived { order_id, .. } => *order_id,
            _ => None,
        }
    }

    pub(crate) const fn order_number(&self) -> Option<i64> {
        match self {
            Self::OrderReceived { number, .. }
            | Self::OrderPaid { number, .. }
            | Self::OrderCancelled { number, .. }
            | Self::OrderShipped { number, .. } => Some(*number),
            Self::WithdrawalReceived { number, order_id: Some(_), .. } => *number,
            _ => None,
        }
    }
}
