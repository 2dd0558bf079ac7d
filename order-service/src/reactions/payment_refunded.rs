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
    Event,
    events::{EventData, payment::Refunded},
};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<Refunded>) -> Result<Committed, Error> {
    let order_id = event.data.order_id;
    let order = orders::lock(&mut tx, order_id, None).await?;
    let mut order = order.ok_or(Error::UnknownOrder { order_id })?;
    let now = app.kit.clock.now();
    // Money has a natural key besides the inbox's: a refund that was noted before changes nothing.
    if !refunds::note(&mut tx, event.data.refund_id, order_id, event.data.amount, now).await? {
        return Ok(tx.commit().await?);
    }
    // The table's check refuses more than the total.
    order.refunded = order.refunded.plus(event.data.amount)?;
    orders::save(&mut tx, &mut order, now).await?;
    metrics::refunded(&mut tx, event.data.amount);
    let status = order.status.name();
    let what = format!("{} refunded", event.data.amount);
    let cause = Some(Cause { id: event.id, kind: Refunded::TYPE });
    history::append(&mut tx, order_id, now, &what, (Some(status), status), cause).await?;
    Ok(tx.commit().await?)
}
