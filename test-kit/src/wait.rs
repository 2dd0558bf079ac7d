//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

/// Asks until `condition` gives a value; panics with `what` after a minute, which is longer than any pause between two
/// attempts.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut condition: impl FnMut() -> F) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "waited a minute in vain for: {what}");
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

#[cfg(test)]
mod tests {
    use super::wait_in_place;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_goes_on_meanwhile_is_waited_for() {
        let task = tokio::spawn(async { 7 });
        assert_eq!(wait_in_place(task).ok(), Some(7));
    }

    #[tokio::test]
    #[should_panic(expected = "on one thread nothing would go on")]
    async fn on_one_thread_it_is_refused_instead_of_hanging() {
        wait_in_place(async {});
    }
}
