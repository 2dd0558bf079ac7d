//! `order.cancelled`: why, and what becomes of the money.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::order::Cancelled};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<Cancelled>) -> Result<Committed, Error> {
    let account_id = event.data.customer_id;
    let content = Content::OrderCancelled {
        order_id: event.data.order_id,
        number: event.data.number,
        total: event.data.total,
        reason: event.data.reason,
        was_paid: event.data.was_paid,
    };
    tell(&app, tx, event, account_id, content).await
}
