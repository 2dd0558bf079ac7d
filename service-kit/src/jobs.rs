//! Timed work: runs at an interval and when woken, goes on while there is more, survives its own errors.

use crate::metrics::Runs;
use futures_util::FutureExt;
use std::{error::Error, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Whether a run found work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There may be more: run again at once.
    More,
    /// Nothing left: wait.
    Idle,
}

pub(crate) async fn run<F, R, E>(
    name: &'static str,
    runs: Runs,
    every: Duration,
    wake: Arc<Notify>,
    stop: CancellationToken,
    work: F,
) where
    F: Fn() -> R,
    R: Future<Output = Result<Progress, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    while !stop.is_cancelled() {
        // A panic is one run's failure, not the job's end: deadlines and retries hang on it.
        match AssertUnwindSafe(work()).catch_unwind().await {
            Ok(Ok(Progress::More)) => {
                runs.done.increment(1);
                continue;
            }
            Ok(Ok(Progress::Idle)) => runs.done.increment(1),
            Ok(Err(cause)) => {
                runs.failed.increment(1);
                let cause: Box<dyn Error + Send + Sync> = cause.into();
                tracing::warn!(job = name, %cause, "a timed job failed; it runs again at its next time");
            }
            Err(_) => {
                runs.panicked.increment(1);
                tracing::error!(job = name, "a timed job panicked; it runs again at its next time");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = wake.notified() => {}
            () = stop.cancelled() => {}
        }
    }
}
