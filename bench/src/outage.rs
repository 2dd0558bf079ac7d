//! Checkouts while notify-service is dead: nobody who orders waits for mails. Beside the turn before it, at the same rate.

use crate::{
    load::{Desk, Pace, Placed},
    percentiles::Latencies,
    platform::Platform,
    result::Outage,
    settled,
};
use anyhow::{Context, ensure};
use contracts::ServiceName;
use operate::terminal::say;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// # Errors
/// An order is refused, or its mails are not sent when the service is back.
pub(crate) async fn measure(
    platform: &Platform,
    desk: &Arc<Desk>,
    pace: Pace,
    time: Duration,
) -> anyhow::Result<Outage> {
    let Pace::Open { rate, .. } = pace else { anyhow::bail!("an outage is measured at a fixed rate") };
    let mails = platform.sink.mails();
    platform.stack.services.kill(ServiceName::Notify);
    let placed = desk.order(pace, time).await?;
    ensure!(!placed.is_empty(), "no order was placed");
    let checkout = Latencies::of(placed.iter().map(|Placed { intended, answered, .. }| *answered - *intended))?;
    platform.stack.services.restart(ServiceName::Notify, None)?;
    let back = Instant::now();
    platform.stack.services.wait_ready(ServiceName::Notify).await?;
    let orders = u64::try_from(placed.len())?;
    let drained = settled::drained(platform, mails, orders).await.context("after notify-service came back")?;
    let outage =
        Outage { rate, orders, checkout: checkout.percentiles(), caught_up_seconds: (drained - back).as_secs_f64() };
    say(outage.line());
    Ok(outage)
}

impl Outage {
    /// For people.
    pub(crate) fn line(&self) -> String {
        let Self { rate, orders, checkout, caught_up_seconds } = self;
        format!(
            "{rate:.0}/s with notify-service dead: {orders} orders, checkout p50 {:.1} ms, p99 {:.1} ms; all was mailed \
             {caught_up_seconds:.1} s after its start",
            checkout.p50, checkout.p99
        )
    }
}
