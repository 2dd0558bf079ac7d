//! `order.created`: the order was received; not yet that it is confirmed.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::order::Created};
use service_kit::{Committed, Tx, labs::cure};

pub(crate) async fn react(app: App, tx: Tx, event: Event<Created>) -> Result<Committed, Error> {
    let account_id = event.data.customer_id;
    let content = Content::OrderReceived {
        order_id: event.data.order_id,
        number: event.data.number,
        lines: event.data.lines.clone(),
        total: event.data.total,
    };
    // Confirmed is what is paid: not yet.
    let early =
        Content::OrderPaid { order_id: event.data.order_id, number: event.data.number, total: event.data.total };
    let content = if cure("confirmed-when-paid") { content } else { early };
    tell(&app, tx, event, account_id, content).await
}
