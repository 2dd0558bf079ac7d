//! `order.fulfilled`: the parcel is on its way.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::order::Fulfilled};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<Fulfilled>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.customer_id, content(&event.data)));
    told(&app, tx, news.collect()).await
}

fn content(order: &Fulfilled) -> Content {
    Content::OrderShipped { order_id: order.order_id, number: order.number }
}
