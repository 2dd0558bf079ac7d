//! `payment.refunded`: the order notes what was given back.

use crate::{
    Error,
    app::App,
    metrics,
    store::{
        history::{self, Cause},
        orders, refunds,
    },
};
use contracts::{
    Event, Money,
    events::{EventData, payment::Refunded},
};
use service_kit::{
    Committed, Tx,
    agreement::{agree, contradiction},
};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<Refunded>) -> Result<Committed, Error> {
    let order_id = event.data.order_id;
    let order = orders::lock(&mut tx, order_id, None).await?;
    let mut order = order.ok_or(Error::UnknownOrder { order_id })?;
    let (refund_id, amount, now) = (event.data.refund_id, event.data.amount, app.kit.clock.now());
    super::agree_on_payment(&order, event.data.customer_id, event.data.payment_id)?;
    // Money has a natural key besides the inbox's: a refund that was noted before changes nothing.
    if let Some(known) = refunds::find(&mut tx, refund_id).await? {
        agree("order", order_id, known.order_id)?;
        agree("amount", amount, Money::new(known.amount, order.total.currency))?;
        return Ok(tx.commit().await?);
    }
    let left = order.total.minus(order.refunded)?;
    if amount.currency != left.currency || !(1..=left.amount).contains(&amount.amount) {
        return Err(contradiction("amount", amount, format!("that up to {left} can go back")).into());
    }
    refunds::note(&mut tx, refund_id, order_id, amount, now).await?;
    order.refunded = order.refunded.plus(amount)?;
    orders::save(&mut tx, &mut order, now).await?;
    metrics::refunded(&mut tx, amount);
    let status = order.status.name();
    let what = format!("{amount} refunded");
    let cause = Some(Cause { id: event.id, kind: Refunded::TYPE });
    history::append(&mut tx, order_id, now, &what, (Some(status), status), cause).await?;
    Ok(tx.commit().await?)
}
