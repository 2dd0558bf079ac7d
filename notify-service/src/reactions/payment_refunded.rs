//! `payment.refunded`: money was sent back. Each refund is told.

use super::tell::tell;
use crate::{Error, app::App, domain::Content};
use contracts::{Event, events::payment::Refunded};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, event: Event<Refunded>) -> Result<Committed, Error> {
    let account_id = event.data.customer_id;
    let content = Content::RefundSent { order_id: event.data.order_id, amount: event.data.amount };
    tell(&app, tx, event, account_id, content).await
}
