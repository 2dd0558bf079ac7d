//! `ecom timeline`: the whole life of an order, gathered from the five databases and the payment provider's log, in order
//! of time. No personal data: who is told what is shown by template, where parcels go not at all.

mod entry;
mod events;
mod mails;
mod money;
mod order;
mod provider;
mod render;
mod stock;

pub use entry::Entry;
pub use order::{Order, OrderRef};

use crate::{reach::Reach, terminal::say};
use entry::Gathered;
use serde::Serialize;
use service_kit::Env;
use time::OffsetDateTime;

/// An order's life.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timeline {
    pub order: Order,
    /// In order of time.
    pub entries: Vec<Entry>,
    /// What has not come to its end, or never arrived.
    pub open: Vec<String>,
    /// Events, arrivals and mails from before then may have been deleted, and the order is older; none when it is not.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub pruned_to: Option<OffsetDateTime>,
    /// Who could not be asked, and why.
    pub silent: Vec<String>,
}

/// Gathers what is known of an order.
///
/// # Errors
/// There is no such order, or a database is away.
pub async fn timeline(reach: &Reach, wanted: OrderRef) -> anyhow::Result<Timeline> {
    let order = order::find(reach, wanted).await?;
    let mut gathered = Gathered::default();
    // Causes before effects, for those that happened in the same microsecond.
    stock::gather(reach, &order, &mut gathered).await?;
    order::gather(reach, &order, &mut gathered).await?;
    events::gather(reach, &order, &mut gathered).await?;
    let keys = money::gather(reach, &order, &mut gathered).await?;
    let silent = match provider::gather(reach, &order, &keys, &mut gathered).await {
        Ok(()) => Vec::new(),
        Err(cause) => vec![format!("the provider's log: {cause:#}")],
    };
    mails::gather(reach, &order, &mut gathered).await?;
    let pruned_to = events::pruned_to(reach).await?.filter(|pruned| order.placed_at < *pruned);
    let Gathered { mut entries, open } = gathered;
    entries.sort_by_key(|entry| entry.at);
    Ok(Timeline { order, entries, open, pruned_to, silent })
}

/// `ecom timeline`.
///
/// # Errors
/// As [`timeline`].
pub async fn run(env: &Env, wanted: OrderRef, json: bool) -> anyhow::Result<()> {
    let reach = Reach::find(env).await?;
    let timeline = timeline(&reach, wanted).await?;
    if json {
        say(serde_json::to_string_pretty(&timeline)?);
    } else {
        timeline.lines().into_iter().for_each(say);
    }
    Ok(())
}
