//! `order.created`: the order was received; not yet that it is confirmed.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::order::Created};
use service_kit::{Committed, Tx, cure};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<Created>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.customer_id, content(&event.data)));
    told(&app, tx, news.collect()).await
}

/// Confirmed is what is paid: not yet.
#[cure(confirmed_when_paid, instead = crate::labs::confirmed_at_once)]
fn content(order: &Created) -> Content {
    let (order_id, number) = (order.order_id, order.number);
    Content::OrderReceived { order_id, number, lines: order.lines.clone(), total: order.total }
}
