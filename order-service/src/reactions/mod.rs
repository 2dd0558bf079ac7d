//! The subscription table.

mod payment_completed;
mod payment_failed;
mod payment_refunded;
mod reservation_expired;

use crate::{
    Error,
    app::App,
    metrics,
    store::{
        history::{self, Cause},
        orders::{self, Order},
    },
};
use contracts::{
    AccountId, PaymentId, ServiceName,
    events::order::{CancelReason, Cancelled},
};
use service_kit::{
    KitError, Subscriptions, Tx,
    agreement::agree,
    labs::{cure, step},
};

pub(crate) fn subscriptions() -> Subscriptions<App> {
    Subscriptions::new(ServiceName::Order)
        .on_one(payment_completed::react)
        .on_one(payment_failed::react)
        .on_one(payment_refunded::react)
        .on_one(reservation_expired::react)
}

/// Whether a payment that somebody tells of can be this order's.
fn agree_on_payment(order: &Order, customer: AccountId, payment: PaymentId) -> Result<(), KitError> {
    agree("customer", customer, order.customer_id)?;
    match order.status.payment() {
        Some(known) => agree("payment", payment, known),
        None => Ok(()),
    }
}

/// The one way an order is cancelled, whoever wants it: status, history and event in the caller's transaction.
pub(crate) async fn cancel(
    app: &App,
    tx: &mut Tx,
    mut order: Order,
    reason: CancelReason,
    what: &str,
    cause: Option<Cause>,
) -> Result<(), Error> {
    let now = app.kit.clock.now();
    let before = order.status;
    order.status = before.cancel(reason, now)?;
    orders::save(tx, &mut order, now).await?;
    metrics::cancelled(tx, reason);
    let change = (Some(before.name()), order.status.name());
    history::append(tx, order.id, now, what, change, cause).await?;
    let event = Cancelled {
        order_id: order.id,
        customer_id: order.customer_id,
        number: order.number,
        checkout_id: order.checkout_id,
        total: order.total,
        reason,
        was_paid: before.name() == contracts::api::order::OrderStatus::Paid,
    };
    step("compensate").await?;
    // The change and the word of it belong together: stock and money go back by this event.
    if cure("cancel-announced") {
        app.kit.announce(tx, &service_kit::Cause::current(), order.version, event)?;
    }
    Ok(())
}
