//! An order was cancelled: no money is taken any more, and what was taken goes back.

use super::{
    agreement::{Joined, agree_on_order, possible},
    learn::{Learned, learn},
};
use crate::{
    domain::{Fact, charge_key},
    error::Error,
    origin::Origin,
    state::App,
    store::payments::{self, NewPayment, Stored},
};
use contracts::{Event, OrderId, events::order::Cancelled};
use service_kit::{Cause, Tx, cure};
use std::collections::HashMap;

pub(crate) async fn cancel(app: &App, tx: &mut Tx, cancelled: Vec<Event<Cancelled>>) -> Result<(), Error> {
    let mut locked = lock(tx, &cancelled).await?;
    let unknown = cancelled.iter().filter(|event| !locked.contains_key(&event.data.order_id));
    let unknown: Vec<_> = unknown.cloned().collect();
    for event in &unknown {
        possible(event.data.order_id, event.data.total)?;
    }
    let known_after_all = leave_tombstones(app, tx, unknown).await?;
    locked.extend(lock(tx, &known_after_all).await?);
    let told = cancelled.iter().map(|event| &event.data);
    let told = told.filter_map(|order| Some((order.customer_id, locked.get(&order.order_id)?.payment.customer_id)));
    let joined = Joined::of(tx, told).await?;
    let mut learned = Vec::new();
    for event in cancelled {
        // Who has just left a tombstone has no more to learn.
        let Some(Stored { payment, .. }) = locked.get(&event.data.order_id) else { continue };
        agree_on_order(payment, (event.data.customer_id, event.data.total), &joined)?;
        let (fact, cause) = (Fact::OrderCancelled { cause: event.id }, Cause::of(&event));
        learned.push(Learned { payment: payment.id, fact, cause });
    }
    learn(app, tx, locked.into_values().collect(), learned).await
}

/// The payments of the orders that were cancelled.
async fn lock(tx: &mut Tx, cancelled: &[Event<Cancelled>]) -> Result<HashMap<OrderId, Stored>, Error> {
    let orders: Vec<_> = cancelled.iter().map(|event| event.data.order_id).collect();
    let locked = payments::lock_by_orders(tx, &orders).await?;
    Ok(locked.into_iter().map(|stored| (stored.payment.order_id, stored)).collect())
}

/// The `order.created` behind a cancellation must find that there is nothing to charge any more. Gives those that left
/// nothing: their order became known in between, or another cancellation of it came first.
#[cure(tombstone, skip)]
async fn leave_tombstones(
    app: &App,
    tx: &mut Tx,
    unknown: Vec<Event<Cancelled>>,
) -> Result<Vec<Event<Cancelled>>, Error> {
    let wanted: Vec<_> = unknown.iter().map(|event| tombstone(app, event)).collect();
    let left = payments::insert(tx, &wanted, app.kit.clock.now()).await?;
    for new in wanted.iter().filter(|new| left.contains(&new.id)) {
        tracing::info!(order.id = %new.order_id, "cancelled before it was known: it will never be charged");
    }
    let known = unknown.into_iter().zip(wanted).filter(|(_, new)| !left.contains(&new.id));
    Ok(known.map(|(event, _)| event).collect())
}

fn tombstone(app: &App, event: &Event<Cancelled>) -> NewPayment {
    let order = &event.data;
    NewPayment {
        id: app.kit.clock.new_id(),
        order_id: order.order_id,
        customer_id: order.customer_id,
        order_number: order.number,
        total: order.total,
        method: None,
        cancelled_by: Some(event.id),
        provider_key: charge_key(order.order_id),
        deadline: app.kit.clock.now(),
        origin: Origin::of(event),
        lease: None,
    }
}
