//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

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

/// Waits where nothing can be awaited: in a `drop`, while the rest of the test's program goes on.
pub fn wait_in_place<T>(what: impl Future<Output = T>) -> T {
    let runtime = Handle::current();
    assert!(
        runtime.runtime_flavor() == RuntimeFlavor::MultiThread,
        "on one thread nothing would go on while we wait: #[tokio::test(flavor = \"multi_thread\")]"
    );
    block_in_place(|| runtime.block_on(what))
}
