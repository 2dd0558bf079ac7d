//! One turn: orders for some seconds, the wait until nothing is left, and what both cost.

use crate::{
    load::{Desk, Pace, Placed},
    percentiles::Latencies,
    platform::Platform,
    readings::Reading,
    result::Turn,
    settled::{self, Epoch},
};
use anyhow::ensure;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Who works off the last of it counts it within a second; PostgreSQL tells what its processes did about as late.
const TOLD: Duration = Duration::from_millis(1500);

/// # Errors
/// An order is refused, or not settled.
pub(crate) async fn take(platform: &Platform, desk: &Arc<Desk>, pace: Pace, time: Duration) -> anyhow::Result<Turn> {
    platform.sink.forget();
    let (mails, refused) = (platform.sink.mails(), desk.refused());
    let before = Reading::first(platform).await?;
    let (epoch, begun) = (Epoch::now(), Instant::now());
    let placed = desk.order(pace, time).await?;
    let placing = begun.elapsed().as_secs_f64();
    let drained = settled::drained(platform, mails, placed.len() as u64).await?;
    let seconds = (drained - begun).as_secs_f64();
    let busy = Reading::last(platform).await?;
    tokio::time::sleep(TOLD).await;
    let counts = Reading::last(platform).await?;
    ensure!(!placed.is_empty(), "no order was placed");
    let orders = u32::try_from(placed.len())?;
    // Processor time as it was when all was done; counts as they are told a moment later.
    let mut cost = before.cost(&counts, f64::from(orders));
    let at_end = before.cost(&busy, f64::from(orders));
    (cost.parts, cost.apart, cost.everything) = (at_end.parts, at_end.apart, at_end.everything);
    (cost.busy_cores, cost.others_cores) = (at_end.busy_cores, at_end.others_cores);
    let (clients, rate) = match pace {
        Pace::Closed { clients } => (clients, None),
        Pace::Open { rate, connections } => (connections, Some(rate)),
    };
    Ok(Turn {
        clients,
        rate,
        orders: u64::from(orders),
        refused: desk.refused() - refused,
        placing_seconds: placing,
        seconds,
        placed_per_second: f64::from(orders) / placing,
        settled_per_second: f64::from(orders) / seconds,
        checkout: Latencies::of(placed.iter().map(|Placed { intended, answered, .. }| *answered - *intended))?
            .percentiles(),
        settling: Latencies::of(settled::settling(platform, &placed, epoch).await?)?.percentiles(),
        cost,
    })
}
