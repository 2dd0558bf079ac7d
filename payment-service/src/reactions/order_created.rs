//! `order.created`: stores what is to be charged. The charging itself is a job's: no call is made in here.

use crate::{
    Error,
    app::App,
    origin::Origin,
    store::payments::{self, NewPayment},
};
use contracts::{Event, events::order::Created};
use service_kit::{Committed, Tx, agreement::agree};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<Created>) -> Result<Committed, Error> {
    let order = event.data;
    super::possible(order.order_id, order.total)?;
    let new = NewPayment {
        id: app.kit.clock.new_id(),
        order_id: order.order_id,
        customer_id: order.customer_id,
        order_number: order.number,
        total: order.total,
        // Counted from the order's own time: its deadline does not wait for a slow event either.
        deadline: event.time + app.give_up,
        origin: Origin::here(event.correlation_id, event.id),
    };
    if payments::insert(&mut tx, &new, &order.payment_method, app.kit.clock.now()).await? {
        tx.wake_after_commit(&app.payments_due);
    } else {
        let stored = payments::lock_by_order(&mut tx, order.order_id).await?;
        let payment = stored.ok_or(Error::PaymentVanished(new.id))?.payment;
        super::agree_on_order(&payment, order.customer_id, order.total)?;
        agree("payment method", order.payment_method.as_str(), payment.method.as_deref().unwrap_or_default())?;
        tracing::info!(order.id = %order.order_id, "nothing to charge: paid before, or cancelled before it was known");
    }
    Ok(tx.commit().await?)
}
