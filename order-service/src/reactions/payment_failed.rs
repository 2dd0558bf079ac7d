//! `payment.failed`: the order is cancelled; its stock goes back by the event that follows.

use crate::{
    Error,
    app::App,
    domain::Status,
    store::{
        history::{self, Cause},
        orders,
    },
};
use contracts::{
    Event,
    events::{
        EventData,
        order::CancelReason,
        payment::{Failed, FailureReason},
    },
};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<Failed>) -> Result<Committed, Error> {
    let order_id = event.data.order_id;
    let order = orders::lock(&mut tx, order_id, None).await?;
    let order = order.ok_or(Error::UnknownOrder { order_id })?;
    super::agree_on_payment(&order, event.data.customer_id, event.data.payment_id)?;
    let cause = Some(Cause { id: event.id, kind: Failed::TYPE });
    if let Status::Pending { .. } = order.status {
        let (reason, what) = match event.data.reason {
            FailureReason::Unavailable => (CancelReason::PaymentOverdue, "cancelled: the payment could not be made"),
            _ => (CancelReason::PaymentDeclined, "cancelled: the payment was declined"),
        };
        super::cancel(&app, &mut tx, order, reason, what, cause).await?;
        tracing::info!(order.id = %order_id, "order cancelled: its payment failed");
    } else {
        let status = order.status.name();
        let what = "learned that the payment failed";
        history::append(&mut tx, order_id, app.kit.clock.now(), what, (Some(status), status), cause).await?;
    }
    Ok(tx.commit().await?)
}
