//! `order.cancelled`: why, and what becomes of the money.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::order::Cancelled};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<Cancelled>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.customer_id, content(&event.data)));
    told(&app, tx, news.collect()).await
}

fn content(order: &Cancelled) -> Content {
    Content::OrderCancelled {
        order_id: order.order_id,
        number: order.number,
        total: order.total,
        reason: order.reason,
        was_paid: order.was_paid,
    }
}
