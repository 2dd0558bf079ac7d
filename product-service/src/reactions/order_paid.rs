//! `order.paid`: the reservation no longer expires.

use crate::{
    changes::follow::{Heard, follow},
    domain::Fact,
    error::Error,
    state::App,
};
use contracts::{Event, events::order::Paid};
use service_kit::{Committed, Tx, cure};

#[cure(paid_commits_stock, instead = crate::labs::commit_only)]
pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Paid>>) -> Result<Committed, Error> {
    let heard = |Paid { checkout_id, order_id, .. }| Heard { checkout_id, order_id, fact: Fact::Paid };
    let heard: Vec<Heard> = events.into_iter().map(|event| heard(event.data)).collect();
    follow(&mut tx, &heard, app.kit.clock.now()).await?;
    Ok(tx.commit().await?)
}
