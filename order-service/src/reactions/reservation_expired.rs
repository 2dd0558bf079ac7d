//! `reservation.expired`: product-service gave the stock back because it knew of no live order. If there is one all
//! the same (it was stored in that very moment), it is cancelled; if there is none yet, none will be stored.

use crate::{
    Error,
    app::App,
    domain::Status,
    store::{checkouts, history::Cause, orders},
};
use contracts::{
    Event,
    events::{EventData, order::CancelReason, product::ReservationExpired},
};
use service_kit::{Committed, Tx, agreement::agree};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<ReservationExpired>) -> Result<Committed, Error> {
    let checkout_id = event.data.checkout_id;
    if !checkouts::expire(&mut tx, checkout_id).await?
        && let Some(order) = orders::lock_by_checkout(&mut tx, checkout_id).await?
        && let Status::Pending { .. } | Status::Paid { .. } = order.status
    {
        agree("order", event.data.order_id, order.id)?;
        let cause = Some(Cause { id: event.id, kind: ReservationExpired::TYPE });
        let what = "cancelled: its stock was given back";
        tracing::warn!(order.id = %order.id, "order cancelled: its reservation expired");
        super::cancel(&app, &mut tx, order, CancelReason::ReservationExpired, what, cause).await?;
    }
    Ok(tx.commit().await?)
}
