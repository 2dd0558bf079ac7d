//! `order.paid`: the order is confirmed. Only this event says so.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::order::Paid};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<Paid>) -> Result<Committed, Error> {
    let account_id = event.data.customer_id;
    let content =
        Content::OrderPaid { order_id: event.data.order_id, number: event.data.number, total: event.data.total };
    tell(&app, tx, event, account_id, content).await
}
