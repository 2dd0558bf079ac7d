//! An order was placed: what is to be charged is stored, once per order. The charging itself is a job's.

use super::agreement::{agree_on_order, possible};
use crate::{
    domain::charge_key,
    error::Error,
    origin::Origin,
    state::App,
    store::payments::{self, NewPayment, Stored},
};
use contracts::{Event, OrderId, PaymentId, events::order::Created};
use service_kit::{Tx, agreement::agree};
use std::collections::HashMap;

pub(crate) async fn create(app: &App, tx: &mut Tx, placed: Vec<Event<Created>>) -> Result<(), Error> {
    for event in &placed {
        possible(event.data.order_id, event.data.total)?;
    }
    let wanted: Vec<_> = placed.iter().map(|event| payment_of(app, event)).collect();
    let created = payments::insert(tx, &wanted, app.kit.clock.now()).await?;
    if !created.is_empty() {
        tx.wake_after_commit(&app.payments_due);
    }
    let known = placed.into_iter().zip(wanted).filter(|(_, new)| !created.contains(&new.id));
    compare(tx, known.map(|(event, new)| (event.data, new.id)).collect()).await
}

fn payment_of(app: &App, event: &Event<Created>) -> NewPayment {
    let order = &event.data;
    NewPayment {
        id: app.kit.clock.new_id(),
        order_id: order.order_id,
        customer_id: order.customer_id,
        order_number: order.number,
        total: order.total,
        method: Some(order.payment_method.clone()),
        cancelled_by: None,
        provider_key: charge_key(order.order_id),
        // Counted from the order's own time: its deadline does not wait for a slow event either.
        deadline: event.time + app.give_up,
        origin: Origin::of(event),
    }
}

/// An order that has a payment, or is known to be cancelled, must tell of itself what it told before.
async fn compare(tx: &mut Tx, known: Vec<(Created, PaymentId)>) -> Result<(), Error> {
    if known.is_empty() {
        return Ok(());
    }
    // A payment without a method is the trace of a cancellation that came first: it learns the method and stays cancelled.
    let methods: Vec<_> = known.iter().map(|(order, _)| (order.order_id, order.payment_method.clone())).collect();
    payments::learn_methods(tx, &methods).await?;
    let orders: Vec<_> = known.iter().map(|(order, _)| order.order_id).collect();
    let stored = payments::of_orders(tx, &orders).await?;
    let by_order: HashMap<OrderId, Stored> =
        stored.into_iter().map(|stored| (stored.payment.order_id, stored)).collect();
    for (order, id) in known {
        let payment = &by_order.get(&order.order_id).ok_or(Error::PaymentVanished(id))?.payment;
        agree_on_order(payment, order.customer_id, order.total)?;
        agree("payment method", order.payment_method.as_str(), payment.method.as_deref().unwrap_or_default())?;
        tracing::info!(order.id = %order.order_id, "nothing to charge: paid before, or cancelled before it was known");
    }
    Ok(())
}
