//! `payment.refunded`: money was sent back. Each refund is told.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::payment::Refunded};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<Refunded>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.customer_id, content(&event.data)));
    told(&app, tx, news.collect()).await
}

fn content(refund: &Refunded) -> Content {
    Content::RefundSent { order_id: refund.order_id, amount: refund.amount }
}
