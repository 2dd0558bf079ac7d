//! `order.fulfilled`: the parcel is on its way.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::order::Fulfilled};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<Fulfilled>) -> Result<Committed, Error> {
    let account_id = event.data.customer_id;
    let content = Content::OrderShipped { order_id: event.data.order_id, number: event.data.number };
    tell(&app, tx, event, account_id, content).await
}
