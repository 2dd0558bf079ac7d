//! `order.paid`: the order is confirmed. Only this event says so.

use crate::{
    changes::tell::{News, tell},
    domain::Content,
    error::Error,
    state::App,
};
use contracts::{Event, events::order::Paid};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Paid>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| News::of(event, event.data.customer_id, content(&event.data)));
    tell(&app, &mut tx, news.collect()).await?;
    Ok(tx.commit().await?)
}

fn content(order: &Paid) -> Content {
    Content::OrderPaid { order_id: order.order_id, number: order.number, total: order.total }
}
