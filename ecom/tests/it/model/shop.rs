//! The shop of the model: what one order is in all services, and how each of them reacts.

use contracts::{Currency, Money, events::order::CancelReason, events::payment::FailureReason};
use order_service::domain::Status;
use payment_service::domain::{Effect, Fact as Learned, Payment, State as PaymentState, Step};
use product_service::domain::{Fact, Next, Reservation};
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub(super) const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
pub(super) const DEADLINE: OffsetDateTime = OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::minutes(8));
pub(super) const TOTAL: i64 = 1999;

#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(super) struct Shop {
    pub(super) orders: Vec<Life>,
    /// What was announced and not yet acknowledged, per consumer.
    pub(super) under_way: BTreeSet<Message>,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Message {
    pub(super) order: usize,
    pub(super) to: Consumer,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Consumer {
    Order,
    Payment,
    Product,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Created,
    Paid,
    Cancelled,
    Fulfilled,
    Completed,
    Failed,
    Expired,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(super) enum Checkout {
    Open,
    Ordered,
    Expired,
}

/// What the provider knows under an order's key.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(super) enum Charge {
    Unheard,
    Captured,
    Declined,
    Abandoned,
}

/// One order in all services.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) reservation: Reservation,
    /// order-service got the reservation as an answer, and may store the order now or much later.
    pub(super) answered: bool,
    /// product-service was told that no live order holds the reservation, and has not acted on it yet.
    pub(super) may_expire: bool,
    pub(super) checkout: Checkout,
    pub(super) order: Option<Status>,
    pub(super) payment: Option<Payment>,
    /// A call to the provider was begun before.
    pub(super) called: bool,
    /// The payment's deadline has passed.
    pub(super) late: bool,
    pub(super) charge: Charge,
    /// A charge that was sent long ago and has not arrived yet.
    pub(super) stray: bool,
    pub(super) refunded: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Reserve(usize),
    Store(usize),
    Cancel(usize),
    Fulfil(usize),
    AskToExpire(usize),
    Expire(usize),
    PassDeadline(usize),
    /// The payment worker takes the payment, and its call goes the one way or the other.
    Settle(usize, Call, Verdict),
    StrayArrives(usize, Verdict),
    /// The refund worker; whether the answer is stored before it dies.
    Refund(usize, bool),
    /// A consumer acts on an event; whether its acknowledgement arrives.
    Deliver(Message, bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Answered,
    /// Acted on, and nobody heard the answer.
    AnswerLost,
    /// On its way for very long: the worker has given up waiting.
    Stray,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Takes,
    Declines,
}

impl Life {
    pub(super) fn new() -> Self {
        Self {
            reservation: Reservation::Unknown,
            answered: false,
            may_expire: false,
            checkout: Checkout::Open,
            order: None,
            payment: None,
            called: false,
            late: false,
            charge: Charge::Unheard,
            stray: false,
            refunded: false,
        }
    }

    pub(super) fn holds_stock(&self) -> bool {
        matches!(self.reservation, Reservation::Held | Reservation::Committed | Reservation::Shipped)
    }

    pub(super) fn is_alive(&self) -> bool {
        self.order.is_some_and(|status| !matches!(status, Status::Cancelled { .. }))
    }

    pub(super) fn open_payment(&self) -> Option<&Payment> {
        self.payment.as_ref().filter(|payment| matches!(payment.state, PaymentState::Created | PaymentState::Unknown))
    }

    pub(super) fn owes_refund(&self) -> bool {
        self.payment.as_ref().is_some_and(|payment| payment.refunded < payment.refunds_requested)
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        if self.late { DEADLINE } else { START }
    }

    /// The provider decides once per key.
    pub(super) fn charge(&mut self, verdict: Verdict) {
        if self.charge == Charge::Unheard {
            self.charge = match verdict {
                Verdict::Takes => Charge::Captured,
                Verdict::Declines => Charge::Declined,
            };
        }
    }

    pub(super) fn heard(&self) -> Option<Learned> {
        match self.charge {
            Charge::Unheard => None,
            Charge::Captured => Some(Learned::Captured { reference: "ch_1".to_owned() }),
            Charge::Declined => Some(Learned::Declined { reason: FailureReason::Declined }),
            Charge::Abandoned => Some(Learned::Abandoned),
        }
    }
}

pub(super) fn id<T: From<Uuid>>(order: usize) -> T {
    Uuid::from_u128(1 + order as u128).into()
}

pub(super) fn payment(order: usize, state: PaymentState) -> Payment {
    Payment {
        id: id(order),
        order_id: id(order),
        customer_id: id(order),
        total: Money::new(TOTAL, Currency::EUR),
        method: Some("sim_ok".to_owned()),
        state,
        cancelled_by: None,
        refunds_requested: 0,
        refunded: 0,
        deadline: DEADLINE,
    }
}

impl Shop {
    pub(super) fn announce(&mut self, order: usize, kind: Kind, consumers: &[Consumer]) {
        self.under_way.extend(consumers.iter().map(|&to| Message { order, to, kind }));
    }

    /// order-service's one way to cancel.
    pub(super) fn cancel(&mut self, order: usize) {
        let status = self.orders[order].order.and_then(|status| status.cancel(CancelReason::Requested, START).ok());
        if let Some(cancelled) = status {
            self.orders[order].order = Some(cancelled);
            self.announce(order, Kind::Cancelled, &[Consumer::Product, Consumer::Payment]);
        }
    }

    /// payment-service's one way to learn.
    pub(super) fn learn(&mut self, order: usize, fact: Learned) {
        let Some(payment) = self.orders[order].payment.take() else { return };
        let change = payment.learn(fact);
        self.orders[order].payment = Some(change.payment);
        for effect in change.effects {
            match effect {
                Effect::AnnounceCompleted { .. } => self.announce(order, Kind::Completed, &[Consumer::Order]),
                Effect::AnnounceFailed { .. } => self.announce(order, Kind::Failed, &[Consumer::Order]),
                // Carried in the payment itself.
                Effect::BookCapture { .. } | Effect::RequestRefund { .. } => {}
                // A refund is carried out by its own job.
                Effect::BookRefund { .. } | Effect::AnnounceRefunded { .. } => {}
            }
        }
    }

    pub(super) fn settle(&mut self, order: usize, call: Call, verdict: Verdict) {
        let life = &mut self.orders[order];
        let Some(payment) = life.payment.as_mut() else { return };
        // What the claim's statement does before anything is sent.
        payment.state = PaymentState::Unknown;
        let mut step = payment.next_step(life.called, if life.late { DEADLINE } else { START });
        life.called = true;
        loop {
            if call == Call::Stray {
                // Only a charge can do harm when it arrives late.
                life.stray |= step == Step::Charge;
                return;
            }
            match step {
                Step::Charge => life.charge(verdict),
                Step::Abandon if life.charge == Charge::Unheard => life.charge = Charge::Abandoned,
                Step::Abandon | Step::Ask => {}
            }
            if call == Call::AnswerLost {
                return;
            }
            if let Some(fact) = life.heard() {
                return self.learn(order, fact);
            }
            let now = life.now();
            match life.payment.as_ref().and_then(|payment| payment.step_without_charge(now)) {
                Some(next) => step = next,
                None => return,
            }
        }
    }

    /// False when it must come again later.
    pub(super) fn react(&mut self, Message { order, to, kind }: Message) -> bool {
        let life = &mut self.orders[order];
        match (to, kind) {
            (Consumer::Payment, Kind::Created) => {
                life.payment.get_or_insert_with(|| payment(order, PaymentState::Created));
            }
            (Consumer::Payment, Kind::Cancelled) if life.payment.is_some() => {
                self.learn(order, Learned::OrderCancelled { cause: id(order) });
            }
            (Consumer::Payment, Kind::Cancelled) => {
                let tombstone =
                    Payment { method: None, cancelled_by: Some(id(order)), ..payment(order, PaymentState::Cancelled) };
                life.payment = Some(tombstone);
            }
            (Consumer::Order, Kind::Completed) => {
                if let Some(paid) = life.order.and_then(|status| status.pay(id(order), START).ok()) {
                    life.order = Some(paid);
                    self.announce(order, Kind::Paid, &[Consumer::Product]);
                }
            }
            (Consumer::Order, Kind::Failed) => {
                if let Some(Status::Pending { .. }) = life.order {
                    self.cancel(order);
                }
            }
            (Consumer::Order, Kind::Expired) => match life.checkout {
                Checkout::Open => life.checkout = Checkout::Expired,
                Checkout::Ordered | Checkout::Expired => self.cancel(order),
            },
            (Consumer::Product, kind) => return self.learn_of_stock(order, kind),
            (_, kind) => unreachable!("nobody subscribes {to:?} to {kind:?}"),
        }
        true
    }

    pub(super) fn learn_of_stock(&mut self, order: usize, kind: Kind) -> bool {
        let fact = match kind {
            Kind::Paid => Fact::Paid,
            Kind::Fulfilled => Fact::Fulfilled,
            _ => Fact::Cancelled,
        };
        let life = &mut self.orders[order];
        match life.reservation.after(fact) {
            Next::Early => return false,
            Next::Become(status, _) => life.reservation = status,
            Next::Stay | Next::TooLate => {}
        }
        true
    }

    /// Nothing is left that the platform would do by itself.
    pub(super) fn is_quiet(&self) -> bool {
        let idle = |life: &Life| {
            let lapses = life.reservation == Reservation::Held && !life.is_alive();
            life.open_payment().is_none() && !life.owes_refund() && !life.stray && !lapses
        };
        self.under_way.is_empty() && self.orders.iter().all(idle)
    }
}
