//! `order.created`: the order was received; not yet that it is confirmed.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::order::Created};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<Created>) -> Result<Committed, Error> {
    let account_id = event.data.customer_id;
    let content = Content::OrderReceived {
        order_id: event.data.order_id,
        number: event.data.number,
        lines: event.data.lines.clone(),
        total: event.data.total,
    };
    tell(&app, tx, event, account_id, content).await
}
