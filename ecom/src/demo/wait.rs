//! Waiting for what happens behind the API.

use anyhow::Context;
use std::time::Duration;

/// Asks every 20 ms until there is an answer.
pub(super) async fn wait_for<T>(
    what: &str,
    mut ask: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let waiting = async {
        loop {
            if let Some(value) = ask().await? {
                return anyhow::Ok(value);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.with_context(|| format!("waited 60 s for {what}"))?
}
