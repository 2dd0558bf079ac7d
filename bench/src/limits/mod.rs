//! What this machine could do at best, in the same run: the same rows by PostgreSQL's own load program, the same bytes from
//! a server that does nothing else, messages there and back on the same broker. Figures of ours are ratios to these, so
//! that they mean something on another machine, or on this one on a bad day.

mod broker;
pub(crate) mod handler;
mod pgbench;

use crate::{load::Desk, platform::Platform, result::Limits};
use operate::terminal::say;
use std::{sync::Arc, time::Duration};

/// # Errors
/// A program is missing, or something fails.
pub(crate) async fn measure(platform: &Platform, desk: &Arc<Desk>, full: bool) -> anyhow::Result<Limits> {
    let time = Duration::from_secs(if full { 10 } else { 2 });
    say("limits of this machine …");
    let broker = broker::measure(platform, time).await?;
    let handler = handler::measure(desk, time).await?;
    Ok(Limits { pgbench: pgbench::measure(platform, time).await?, handler, broker })
}
