//! A payment's states, and the one function that changes them.
//!
//! ```text
//! created ──▶ unknown ──▶ captured (── refunds)
//!    │           ├─────▶ failed
//!    └───────────┴─────▶ cancelled
//! ```
//!
//! A capture that is learned of after `failed` or `cancelled` is booked and given back.

use contracts::{AccountId, EventId, Money, OrderId, PaymentId, RefundId, events::payment::FailureReason};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    pub id: PaymentId,
    pub order_id: OrderId,
    pub customer_id: AccountId,
    /// What the order costs.
    pub total: Money,
    /// None while nothing but the order's cancellation has arrived.
    pub method: Option<String>,
    pub state: State,
    /// The event that cancelled the order.
    pub cancelled_by: Option<EventId>,
    /// Minor units promised back; never more than captured.
    pub refunds_requested: i64,
    /// Minor units given back; never more than promised.
    pub refunded: i64,
    /// From then on it is given up.
    pub deadline: OffsetDateTime,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing was sent to the provider.
    Created,
    /// Sent, or about to be: only the provider knows what became of it.
    Unknown,
    /// The provider took `amount` (minor units) and calls the charge `reference`.
    Captured { reference: String, amount: i64 },
    /// No money was taken, and the order was told.
    Failed { reason: FailureReason },
    /// The order ended before any money was taken; none will be.
    Cancelled,
}

/// Something that became known, from whatever side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    OrderCancelled {
        cause: EventId,
    },
    /// The provider has taken the total.
    Captured {
        reference: String,
    },
    /// The provider has refused.
    Declined {
        reason: FailureReason,
    },
    /// The provider has taken nothing and never will under this key.
    Abandoned,
}

/// What has to be done besides storing the payment, in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    BookCapture { amount: i64 },
    AnnounceCompleted { amount: i64 },
    AnnounceFailed { reason: FailureReason },
    RequestRefund { amount: i64, cause: EventId },
    BookRefund { refund: RefundId, amount: i64 },
    AnnounceRefunded { refund: RefundId, amount: i64 },
}

#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    pub payment: Payment,
    pub effects: Vec<Effect>,
}

/// What the provider is told next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Charge,
    /// What became of the charge?
    Ask,
    /// Never charge this any more; or tell that it was.
    Abandon,
}

/// More would be given back than was promised.
#[derive(Debug, PartialEq, Eq)]
pub struct OverRefund;

impl Payment {
    /// The one transition function: events, responses and answers to questions all end here. Learning the same again
    /// changes nothing.
    #[must_use]
    pub fn learn(self, fact: Fact) -> Change {
        match fact {
            Fact::OrderCancelled { cause } => self.order_cancelled(cause),
            Fact::Captured { reference } => self.captured(reference),
            Fact::Declined { reason } => self.failed(reason),
            Fact::Abandoned => self.abandoned(),
        }
    }

    fn order_cancelled(mut self, cause: EventId) -> Change {
        self.cancelled_by.get_or_insert(cause);
        match self.state {
            State::Created => {
                self.state = State::Cancelled;
                self.with(Vec::new())
            }
            // Whoever cancels what they paid for gets it back.
            State::Captured { .. } => self.refund_rest(cause),
            // Unknown: the worker asks, and what it learns is cancelled or given back then.
            State::Unknown | State::Failed { .. } | State::Cancelled => self.with(Vec::new()),
        }
    }

    fn captured(mut self, reference: String) -> Change {
        if matches!(self.state, State::Captured { .. }) {
            return self.with(Vec::new());
        }
        let amount = self.total.amount;
        let too_late = matches!(self.state, State::Failed { .. } | State::Cancelled);
        self.state = State::Captured { reference, amount };
        let book = Effect::BookCapture { amount };
        match self.cancelled_by {
            None if !too_late => self.with(vec![book, Effect::AnnounceCompleted { amount }]),
            // A success that comes too late is given back by itself: nobody wants this money, and an order that was told
            // otherwise must not hear of success.
            cause => {
                // The order has not been cancelled yet, but was told that there is no money: the payment is the cause.
                let cause = cause.unwrap_or_else(|| EventId::from(self.id.uuid()));
                let mut change = self.refund_rest(cause);
                change.effects.insert(0, book);
                change
            }
        }
    }

    fn failed(mut self, reason: FailureReason) -> Change {
        if !self.is_open() {
            return self.with(Vec::new());
        }
        self.state = State::Failed { reason };
        self.with(vec![Effect::AnnounceFailed { reason }])
    }

    fn abandoned(mut self) -> Change {
        if self.is_open() && self.cancelled_by.is_some() {
            self.state = State::Cancelled;
            return self.with(Vec::new());
        }
        self.failed(FailureReason::Unavailable)
    }

    fn refund_rest(mut self, cause: EventId) -> Change {
        let amount = self.captured_amount() - self.refunds_requested;
        if amount <= 0 {
            return self.with(Vec::new());
        }
        self.refunds_requested += amount;
        self.with(vec![Effect::RequestRefund { amount, cause }])
    }

    fn with(self, effects: Vec<Effect>) -> Change {
        Change { payment: self, effects }
    }

    /// A promised refund was carried out.
    ///
    /// # Errors
    /// More than was promised.
    pub fn give_back(mut self, refund: RefundId, amount: i64) -> Result<Change, OverRefund> {
        let refunded = self.refunded.checked_add(amount).ok_or(OverRefund)?;
        if amount <= 0 || refunded > self.refunds_requested {
            return Err(OverRefund);
        }
        self.refunded = refunded;
        Ok(self.with(vec![Effect::BookRefund { refund, amount }, Effect::AnnounceRefunded { refund, amount }]))
    }

    /// What to tell the provider. `sent_before`: a call was begun earlier, so a charge may exist.
    pub fn next_step(&self, sent_before: bool, now: OffsetDateTime) -> Step {
        if !self.is_wanted(now) {
            // Also when nothing was ever sent: then it costs one call to be sure.
            return Step::Abandon;
        }
        if sent_before { Step::Ask } else { Step::Charge }
    }

    /// After the provider said that there is no such charge: charge it with the same key, or give it up.
    pub fn step_without_charge(&self, now: OffsetDateTime) -> Option<Step> {
        self.is_open().then(|| self.next_step(false, now))
    }

    fn is_wanted(&self, now: OffsetDateTime) -> bool {
        self.cancelled_by.is_none() && now < self.deadline
    }

    fn is_open(&self) -> bool {
        matches!(self.state, State::Created | State::Unknown)
    }

    /// Minor units taken.
    pub fn captured_amount(&self) -> i64 {
        match self.state {
            State::Captured { amount, .. } => amount,
            _ => 0,
        }
    }
}

impl State {
    /// As it is stored and shown.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Unknown => "unknown",
            Self::Captured { .. } => "captured",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// As it is stored and shown.
pub(crate) const fn reason_text(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::Declined => "declined",
        FailureReason::UnknownMethod => "unknown_method",
        FailureReason::Unavailable => "unavailable",
        FailureReason::Other => "other",
    }
}

pub(crate) fn reason_from_text(text: &str) -> FailureReason {
    match text {
        "declined" => FailureReason::Declined,
        "unknown_method" => FailureReason::UnknownMethod,
        "unavailable" => FailureReason::Unavailable,
        _ => FailureReason::Other,
    }
}
