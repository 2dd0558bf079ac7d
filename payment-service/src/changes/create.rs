//! An order was placed: what is to be charged is stored, once per order. The charging itself is a job's.

use super::agreement::{Joined, agree_on_order, possible};
use crate::{
    at_hand::Begun,
    domain::charge_key,
    error::Error,
    origin::Origin,
    state::App,
    store::payments::{self, NewPayment, Stored},
};
use contracts::{Event, OrderId, PaymentId, events::order::Created};
use service_kit::{Tx, agreement::agree};
use std::collections::{HashMap, HashSet};
use time::OffsetDateTime;

/// Gives those that this instance has a place for: they are stored with a lease, and to be handed over after the commit.
/// The others are due at once.
pub(crate) async fn create(app: &App, tx: &mut Tx, placed: Vec<Event<Created>>) -> Result<Vec<Begun>, Error> {
    for event in &placed {
        possible(event.data.order_id, event.data.total)?;
    }
    let now = app.kit.clock.now();
    let mut places = app.at_hand.places(placed.len()).into_iter().fuse();
    let wanted = placed.into_iter().map(|event| {
        let place = places.next();
        (payment_of(app, &event, place.is_some().then(|| now + app.lease)), event.data, place)
    });
    let (new, told): (Vec<_>, Vec<_>) = wanted.map(|(new, order, place)| (new, (order, place))).unzip();
    let created: HashSet<_> = payments::insert(tx, &new, now).await?.into_iter().collect();
    let (mut begun, mut known) = (Vec::new(), Vec::new());
    for (new, (order, place)) in new.into_iter().zip(told) {
        match place {
            _ if !created.contains(&new.id) => known.push((order, new.id)),
            Some(place) => begun.push(Begun { payment: new.stored(now), place }),
            None => tx.wake_after_commit(&app.payments_due),
        }
    }
    compare(tx, known).await?;
    Ok(begun)
}

fn payment_of(app: &App, event: &Event<Created>, lease: Option<OffsetDateTime>) -> NewPayment {
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
        lease,
    }
}

/// An order that has a payment, or is known to be cancelled, must tell of itself what it told before.
async fn compare(tx: &mut Tx, known: Vec<(Created, PaymentId)>) -> Result<(), Error> {
    if known.is_empty() {
        return Ok(());
    }
    let orders: Vec<_> = known.iter().map(|(order, _)| order.order_id).collect();
    let mut stored = payments::of_orders(tx, &orders).await?;
    // A payment without a method is the trace of a cancellation that came first: it learns the method and stays cancelled.
    let nameless = stored.iter().filter(|stored| stored.payment.method.is_none());
    let nameless: HashSet<_> = nameless.map(|stored| stored.payment.order_id).collect();
    if !nameless.is_empty() {
        let told = known.iter().filter(|(order, _)| nameless.contains(&order.order_id));
        let mut told: Vec<_> = told.map(|(order, _)| (order.order_id, order.payment_method.clone())).collect();
        told.sort_unstable();
        payments::learn_methods(tx, &told).await?;
        stored = payments::of_orders(tx, &orders).await?;
    }
    let by_order: HashMap<OrderId, Stored> =
        stored.into_iter().map(|stored| (stored.payment.order_id, stored)).collect();
    let told = known.iter().map(|(order, _)| order);
    let told = told.filter_map(|order| Some((order.customer_id, by_order.get(&order.order_id)?.payment.customer_id)));
    let joined = Joined::of(tx, told).await?;
    for (order, id) in known {
        let payment = &by_order.get(&order.order_id).ok_or(Error::PaymentVanished(id))?.payment;
        agree_on_order(payment, (order.customer_id, order.total), &joined)?;
        agree("payment method", order.payment_method.as_str(), payment.method.as_deref().unwrap_or_default())?;
        tracing::info!(order.id = %order.order_id, "nothing to charge: paid before, or cancelled before it was known");
    }
    Ok(())
}
