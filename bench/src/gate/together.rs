//! Orders that the door takes as one batch. Its places are taken by repeats of orders that were answered before, which
//! write nothing and cause nothing; they are held by a lock on a table that they read, until all the others wait behind
//! them. A door has a second place only while its first batch is held up, so the second repeat is in work a moment
//! later. What comes after the door is left to itself, but that nothing is paid before all were told: each stage takes
//! what there is.

use super::mail_first::Unpaid;
use crate::{load::Desk, platform::Platform, settled};
use contracts::ServiceName;
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// Batches of one door that are in work at a time, where they are held up.
pub(super) const PLACES: u32 = 2;
/// The service has answered so often after the last of them was sent: it has read them all.
const LOOKS: u32 = 20;
const TICK: Duration = Duration::from_millis(5);

/// Whether they were one batch: by what the door counted.
///
/// # Errors
/// An order is refused.
pub(super) async fn orders(platform: &Platform, desk: &Arc<Desk>, orders: u32) -> anyhow::Result<bool> {
    let (mails, before) = (platform.sink.mails(), batches(platform).await?);
    let unpaid = Unpaid::hold(platform).await?;
    let mut held = platform.watch(ServiceName::Order).begin().await?;
    sqlx::query("LOCK TABLE checkouts IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await?;
    let mut working = JoinSet::new();
    for place in 0..PLACES {
        let desk = Arc::clone(desk);
        working.spawn(async move { desk.repeat(&mut desk.connection(), place.into()).await });
        while waiting(platform).await? <= i64::from(place) {
            tokio::time::sleep(TICK).await;
        }
    }
    for _ in 0..orders {
        let desk = Arc::clone(desk);
        working.spawn(async move { desk.one(&mut desk.connection()).await.map(drop) });
    }
    for _ in 0..LOOKS {
        platform.stack.services.metrics(ServiceName::Order).await?;
    }
    held.rollback().await?;
    while let Some(answered) = working.join_next().await {
        answered??;
    }
    unpaid.until_told(platform, orders.into()).await?;
    settled::drained(platform, mails, orders.into()).await?;
    let after = batches(platform).await?;
    Ok((after.0 - before.0, after.1 - before.1) == (PLACES + 1, PLACES + orders))
}

/// Sessions that wait for the lock.
async fn waiting(platform: &Platform) -> anyhow::Result<i64> {
    let query = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
                 WHERE datname = $1 AND NOT granted";
    // Another database's connection: the order-service's is the one that holds.
    let waiting = sqlx::query_scalar(query).bind(ServiceName::Order.database());
    Ok(waiting.fetch_one(platform.watch(ServiceName::User)).await?)
}

/// How many batches the door has done, and of how many orders.
async fn batches(platform: &Platform) -> anyhow::Result<(u32, u32)> {
    let page = platform.stack.services.metrics(ServiceName::Order).await?;
    Ok((of_door(&page, "batch_items_count"), of_door(&page, "batch_items_sum")))
}

fn of_door(page: &str, metric: &str) -> u32 {
    let line = page.lines().find(|line| line.starts_with(metric) && line.contains("work=\"place_order\""));
    line.and_then(|line| line.rsplit_once(' ')?.1.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::of_door;

    #[test]
    fn the_door_is_told_from_other_batches() {
        let page =
            "batch_items_sum{service=\"o\",work=\"settle\"} 7\nbatch_items_sum{service=\"o\",work=\"place_order\"} 34";
        assert_eq!(of_door(page, "batch_items_sum"), 34);
        assert_eq!(of_door(page, "batch_items_count"), 0);
    }
}
