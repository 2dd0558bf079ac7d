//! What a service's log says of the points that it passes.

use anyhow::ensure;
use std::{
    fs,
    time::{Duration, Instant},
};

/// How long until a fault must have happened: longer than any lease that the case before may have left behind.
pub(super) const PATIENCE: Duration = Duration::from_secs(75);

/// Waits until the service's log says that the fault came to pass: a point that nobody passes proves nothing.
pub(super) async fn happened(log: &std::path::Path, before: u64, point: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    let said = format!("\"ecom.point\":\"{point}\"");
    loop {
        let text = since(log, before)?;
        if text.lines().any(|line| line.contains("a fault was asked for") && line.contains(&said)) {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "nobody passed {point} within 75 s; see {}", log.display());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What was written to a log after its first `before` bytes.
pub(super) fn since(log: &std::path::Path, before: u64) -> anyhow::Result<String> {
    let text = fs::read(log)?;
    Ok(String::from_utf8_lossy(text.get(usize::try_from(before)?..).unwrap_or_default()).into_owned())
}
