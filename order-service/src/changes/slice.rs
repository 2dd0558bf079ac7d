//! The orders that a change works on, and what becomes of them: the one place where orders are saved, their history is
//! written, and it is announced and counted what happened to them.

use crate::{
    domain::{Change, Effect, Order},
    error::Error,
    metrics,
    state::App,
    store::{
        history::{self, Line},
        orders,
        refunds::{self, Refund},
    },
};
use contracts::{
    AccountId, CheckoutId, OrderId, PaymentId,
    events::order::{CancelReason, Cancelled, Paid},
};
use serde_json::json;
use service_kit::{Cause, KitError, Tx, agreement::agree, cure, personal_data};
use std::collections::{BTreeMap, HashMap};

/// Orders under their rows' locks, and what was decided about them. What several of a slice want of one order is decided
/// one after the other, each on what the one before left.
#[derive(Default)]
pub(super) struct Slice {
    orders: BTreeMap<OrderId, Order>,
    decided: Vec<(Cause, Change)>,
    /// Guests, and which accounts they became.
    joined: HashMap<AccountId, AccountId>,
}

impl Slice {
    pub(super) async fn load(tx: &mut Tx, ids: impl Iterator<Item = OrderId>) -> Result<Self, Error> {
        let ids: Vec<OrderId> = ids.collect();
        Ok(Self::of(orders::lock(tx, &ids).await?))
    }

    pub(super) async fn load_by_checkout(tx: &mut Tx, ids: &[CheckoutId]) -> Result<Self, Error> {
        Ok(Self::of(orders::lock_by_checkout(tx, ids).await?))
    }

    fn of(orders: Vec<Order>) -> Self {
        let orders = orders.into_iter().map(|order| (order.id, order)).collect();
        Self { orders, decided: Vec::new(), joined: HashMap::new() }
    }

    /// As it stands after what was decided so far. With `owner`, only an order of that customer.
    pub(super) fn find(&self, id: OrderId, owner: Option<AccountId>) -> Option<Order> {
        let order = self.orders.get(&id)?;
        owner.is_none_or(|owner| owner == order.customer_id).then(|| order.clone())
    }

    pub(super) fn of_checkout(&self, id: CheckoutId) -> Option<Order> {
        self.orders.values().find(|order| order.checkout_id == id).cloned()
    }

    /// Before it is looked whose payments they are that are told of: who ordered as a guest may have an account by now, and
    /// one of the two services may not know yet. Asked for only where the one is not the other.
    pub(super) async fn know_joined(
        &mut self,
        tx: &mut Tx,
        told: impl Iterator<Item = (OrderId, AccountId)>,
    ) -> Result<(), Error> {
        let differ = |(id, told): (OrderId, AccountId)| {
            let stored = self.orders.get(&id)?.customer_id;
            (stored != told).then_some([stored, told])
        };
        let differing: Vec<AccountId> = told.filter_map(differ).flatten().collect();
        if !differing.is_empty() {
            self.joined = personal_data::joined(tx, &differing).await?;
        }
        Ok(())
    }

    fn became(&self, customer: AccountId) -> AccountId {
        self.joined.get(&customer).copied().unwrap_or(customer)
    }

    /// The order that a payment tells of, if it can be this order's payment. It is there before anybody can pay for it: where
    /// it is not, what tells of it comes again later.
    pub(super) fn of_payment(&self, id: OrderId, customer: AccountId, payment: PaymentId) -> Result<Order, Error> {
        let order = self.find(id, None).ok_or(Error::UnknownOrder { order_id: id })?;
        agree("customer", self.became(customer), self.became(order.customer_id))?;
        if let Some(known) = order.status.payment() {
            agree("payment", payment, known)?;
        }
        Ok(order)
    }

    pub(super) fn decide(&mut self, cause: Cause, change: Change) {
        self.orders.insert(change.order.id, change.order.clone());
        self.decided.push((cause, change));
    }

    /// Stores what was decided: the orders as they are now, and of each change its line in the history, its event and its
    /// counters.
    pub(super) async fn record(self, app: &App, tx: &mut Tx) -> Result<(), Error> {
        let Self { orders, decided, joined: _ } = self;
        let now = app.kit.clock.now();
        let is_changed =
            |order: &&Order| decided.iter().any(|(_, change)| change.order.id == order.id && changes(change));
        let changed: Vec<&Order> = orders.values().filter(is_changed).collect();
        if !changed.is_empty() {
            orders::save(tx, &changed, now).await?;
        }
        let refunds: Vec<Refund> = decided.iter().filter_map(|(_, change)| refund(change)).collect();
        if !refunds.is_empty() {
            refunds::note(tx, &refunds, now).await?;
        }
        let line = |(cause, change): &(Cause, Change)| Line {
            order_id: change.order.id,
            at: now,
            what: change.what.clone(),
            from: change.from,
            to: change.order.status.name(),
            cause: cause.clone(),
        };
        history::append(tx, decided.iter().map(line).collect());
        for (cause, change) in decided {
            tell(app, tx, &cause, change)?;
        }
        Ok(())
    }
}

/// Whether the order's row is another one afterwards. What was placed is stored as it is.
fn changes(change: &Change) -> bool {
    !matches!(change.effect, Effect::None | Effect::Placed(_))
}

fn refund(change: &Change) -> Option<Refund> {
    let Effect::Refunded { refund_id, amount } = change.effect else { return None };
    Some(Refund { id: refund_id, order_id: change.order.id, amount })
}

/// Announces and counts it.
fn tell(app: &App, tx: &mut Tx, cause: &Cause, change: Change) -> Result<(), Error> {
    let Change { order, from, effect, .. } = change;
    let statuses = (json!({ "status": from }), json!({ "status": order.status.name() }));
    match effect {
        Effect::None => {}
        Effect::Placed(created) => {
            let units = created.lines.iter().map(|line| u64::from(line.quantity.get().unsigned_abs())).sum();
            metrics::placed(tx, order.total, units);
            app.kit.announce(tx, cause, order.version, created)?;
            tracing::info!(order.id = %order.id, order.number = order.number, "order placed");
        }
        Effect::Paid(paid) => {
            metrics::paid(tx, order.total);
            announce_paid(app, tx, cause, order.version, paid)?;
            tracing::info!(order.id = %order.id, "order paid");
        }
        Effect::Cancelled(cancelled) => {
            let reason = cancelled.reason;
            metrics::cancelled(tx, reason);
            app.kit.audit_by(tx, cause, "order.cancelled", order.id, statuses);
            announce_cancelled(app, tx, cause, order.version, cancelled)?;
            match reason {
                CancelReason::PaymentOverdue | CancelReason::ReservationExpired => {
                    tracing::warn!(order.id = %order.id, ?reason, "order cancelled");
                }
                _ => tracing::info!(order.id = %order.id, ?reason, "order cancelled"),
            }
        }
        Effect::Fulfilled(fulfilled) => {
            metrics::fulfilled(tx);
            app.kit.audit_by(tx, cause, "order.fulfilled", order.id, statuses);
            app.kit.announce(tx, cause, order.version, fulfilled)?;
            tracing::info!(order.id = %order.id, "order fulfilled");
        }
        Effect::Refunded { amount, .. } => metrics::refunded(tx, amount),
    }
    Ok(())
}

/// The stock is committed and the customer told by this event alone.
#[cure(paid_announced, skip)]
fn announce_paid(app: &App, tx: &mut Tx, cause: &Cause, sequence: i64, paid: Paid) -> Result<(), KitError> {
    app.kit.announce(tx, cause, sequence, paid).map(drop)
}

/// The change and the word of it belong together: stock and money go back by this event.
#[cure(cancel_announced, skip)]
fn announce_cancelled(
    app: &App,
    tx: &mut Tx,
    cause: &Cause,
    sequence: i64,
    cancelled: Cancelled,
) -> Result<(), KitError> {
    app.kit.announce(tx, cause, sequence, cancelled).map(drop)
}
