//! Work that must go on until the service stops: a panic is its failure, not its end. Ended silently it would leave a
//! service that says it is ready and neither sends nor hears an event.

use crate::metrics::Runs;
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio_util::sync::CancellationToken;

/// Between a panic and the next beginning: what panics at once must not fill the log.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs `work` until it ends by itself; after a panic it begins again.
pub(crate) async fn run<R: Future<Output = ()>>(
    name: &'static str,
    runs: Runs,
    stop: CancellationToken,
    work: impl Fn(CancellationToken) -> R,
) {
    // What a panic leaves behind is dropped with the future: connections close, locks and messages become free.
    while AssertUnwindSafe(work(stop.clone())).catch_unwind().await.is_err() {
        runs.panicked.increment(1);
        tracing::error!(work = name, "a part of the service panicked; it begins again");
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = stop.cancelled() => return,
        }
    }
}
