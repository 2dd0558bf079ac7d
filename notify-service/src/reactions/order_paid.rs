//! `order.paid`: the order is confirmed. Only this event says so.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::order::Paid};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<Paid>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.customer_id, content(&event.data)));
    told(&app, tx, news.collect()).await
}

fn content(order: &Paid) -> Content {
    Content::OrderPaid { order_id: order.order_id, number: order.number, total: order.total }
}
