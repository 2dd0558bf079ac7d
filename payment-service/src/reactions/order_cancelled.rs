//! `order.cancelled`: no money is taken any more, and what was taken goes back.

use crate::{
    Error,
    app::App,
    domain::Fact,
    origin::Origin,
    settlement,
    store::payments::{self, NewPayment},
};
use contracts::{Event, events::order::Cancelled};
use service_kit::{Committed, Tx, labs::cure};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<Cancelled>) -> Result<Committed, Error> {
    let order = event.data;
    if let Some(stored) = payments::lock_by_order(&mut tx, order.order_id).await? {
        super::agree_on_order(&stored.payment, order.customer_id, order.total)?;
        settlement::learn(&app, &mut tx, stored, Fact::OrderCancelled { cause: event.id }).await?;
        return Ok(tx.commit().await?);
    }
    super::possible(order.order_id, order.total)?;
    // A tombstone: the `order.created` behind it must find that there is nothing to charge any more.
    if !cure("tombstone") {
        return Ok(tx.commit().await?);
    }
    let now = app.kit.clock.now();
    let new = NewPayment {
        id: app.kit.clock.new_id(),
        order_id: order.order_id,
        customer_id: order.customer_id,
        order_number: order.number,
        total: order.total,
        deadline: now,
        origin: Origin::here(event.correlation_id, event.id),
    };
    if payments::insert_cancelled(&mut tx, &new, event.id, now).await? {
        tracing::info!(order.id = %order.order_id, "cancelled before it was known: it will never be charged");
    } else {
        // `order.created` came in between.
        let stored = payments::lock_by_order(&mut tx, order.order_id).await?;
        let stored = stored.ok_or(Error::PaymentVanished(new.id))?;
        super::agree_on_order(&stored.payment, order.customer_id, order.total)?;
        settlement::learn(&app, &mut tx, stored, Fact::OrderCancelled { cause: event.id }).await?;
    }
    Ok(tx.commit().await?)
}
