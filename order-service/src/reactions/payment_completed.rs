//! `payment.completed`: the order is paid, unless it was cancelled meanwhile. What was paid is what it costs, or it is not
//! paid: less, more or another currency is for a person to see to.

use crate::{
    Error,
    app::App,
    domain::Status,
    metrics,
    store::{
        history::{self, Cause},
        orders,
    },
};
use contracts::{
    Event,
    events::{EventData, order::Paid, payment::Completed},
};
use service_kit::{Committed, Tx, agreement::agree, labs::cure};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<Completed>) -> Result<Committed, Error> {
    let order_id = event.data.order_id;
    let order = orders::lock(&mut tx, order_id, None).await?;
    let mut order = order.ok_or(Error::UnknownOrder { order_id })?;
    super::agree_on_payment(&order, event.data.customer_id, event.data.payment_id)?;
    agree("amount", event.data.amount, order.total)?;
    let cause = Some(Cause { id: event.id, kind: Completed::TYPE });
    let now = app.kit.clock.now();
    let before = order.status.name();
    if let Status::Cancelled { .. } = order.status
        && !cure("paid-only-while-pending")
    {
        order.status = Status::Pending { deadline: now };
    }
    if let Status::Pending { .. } = order.status {
        order.status = order.status.pay(event.data.payment_id, now)?;
        orders::save(&mut tx, &mut order, now).await?;
        metrics::paid(&mut tx, order.total);
        let change = (Some(before), order.status.name());
        history::append(&mut tx, order_id, now, "paid", change, cause).await?;
        let paid = Paid {
            order_id,
            customer_id: order.customer_id,
            number: order.number,
            checkout_id: order.checkout_id,
            total: order.total,
        };
        // The stock is committed and the customer told by this event alone.
        if cure("paid-announced") {
            app.kit.announce(&mut tx, &service_kit::Cause::current(), order.version, paid)?;
        }
        tracing::info!(order.id = %order_id, "order paid");
    } else {
        // A success that came too late: payment-service had order.cancelled as well and refunds by itself.
        let what = "a payment came too late and is refunded";
        let what = if matches!(order.status, Status::Cancelled { .. }) { what } else { "paid already" };
        history::append(&mut tx, order_id, now, what, (Some(before), before), cause).await?;
    }
    Ok(tx.commit().await?)
}
