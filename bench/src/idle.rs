//! What it costs that nobody orders: of the platform, and of PostgreSQL alone on the same databases.

use crate::{
    platform::Platform,
    readings::{
        databases::Databases,
        processes::{self, POSTGRES, Table},
    },
    result::Idle,
};
use anyhow::Context;
use operate::terminal::say;
use std::time::{Duration, Instant};

/// Right after a turn, when everything still looks often for what may come: an upper bound.
const BRIEFLY: Duration = Duration::from_secs(3);
/// After a minute in which nothing was to be done all of it looks seldom, and two and a half after the last turn asked
/// for the services' metrics nobody is taken for somebody who scrapes.
const CALMING: Duration = Duration::from_secs(155);
/// Long enough for PostgreSQL's own rounds.
const PATIENTLY: Duration = Duration::from_secs(60);

/// Of the whole platform.
///
/// # Errors
/// Something does not answer.
pub(crate) async fn read(platform: &Platform, patient: bool) -> anyhow::Result<Idle> {
    let (calming, time) = if patient { (CALMING, PATIENTLY) } else { (Duration::ZERO, BRIEFLY) };
    calm(calming).await;
    // The services are asked for nothing: that would be a scrape.
    let databases = Databases::read(platform).await?;
    let (begun, (before, _)) = (Instant::now(), processes::of(platform)?);
    tokio::time::sleep(time).await;
    let (seconds, (after, _)) = (begun.elapsed().as_secs_f64(), processes::of(platform)?);
    let (_, databases) = databases.between(&Databases::read(platform).await?, seconds);
    let used = |(name, part): (String, processes::Usage)| {
        let before = before.get(&name).copied().unwrap_or_default();
        (name, (part.ms - before.ms) / seconds)
    };
    Ok(Idle {
        parts: after.into_iter().map(used).collect(),
        statements_per_second: databases.values().map(|one| one.statements).sum(),
        after: calming.as_secs_f64(),
        seconds,
        memory: processes::memory(platform)?,
        postgres_alone: None,
    })
}

/// Milliseconds a second of a PostgreSQL that nobody is connected to, with all that the turns left in its databases.
/// The services are ended for it.
///
/// # Errors
/// PostgreSQL is not running.
pub(crate) async fn postgres_alone(platform: &Platform) -> anyhow::Result<f64> {
    platform.leave_postgres_alone().await;
    calm(CALMING).await;
    let postgres = platform.stack.postgres_pid().with_context(|| format!("{POSTGRES} is not running"))?;
    let used = || Ok::<f64, anyhow::Error>(Table::read()?.family(postgres).ms);
    let (begun, before) = (Instant::now(), used()?);
    tokio::time::sleep(PATIENTLY).await;
    Ok((used()? - before) / begun.elapsed().as_secs_f64())
}

async fn calm(time: Duration) {
    if !time.is_zero() {
        say(format!("waiting for {:.0} s until all is calm …", time.as_secs_f64()));
    }
    tokio::time::sleep(time).await;
}
