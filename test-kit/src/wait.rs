//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

/// Asks until `condition` gives a value; panics after 20 s with `what`.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut condition: impl FnMut() -> F) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "waited 20 s in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}
