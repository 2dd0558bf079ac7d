//! Timed work: runs at an interval and when woken, goes on while there is more, survives its own errors.
//!
//! What an instance makes to do it wakes its jobs for; they look by the clock for what comes due and for what others left
//! behind. Where nothing was found for a minute they look less often, and all of a process at the same moments: an idle
//! platform must cost next to nothing, and it is waking up that costs.

use crate::{
    Backoff,
    metrics::Runs,
    rounds::{QUIET, next_round},
};
use futures_util::{FutureExt, future::BoxFuture};
use std::{error::Error, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use time::OffsetDateTime;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

/// Whether a run found work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// There may be more: run again at once.
    More,
    /// It found some and did it: not quiet, but there is nothing left for now.
    Found,
    /// Nothing left: wait.
    #[default]
    Idle,
    /// Nothing left now, and something comes due in so long: wait no longer than until then.
    Later(Duration),
}

impl Progress {
    /// Nothing is left now; the next, if there is one, comes due `at`.
    #[must_use]
    pub fn until(at: Option<OffsetDateTime>, now: OffsetDateTime) -> Self {
        at.map_or(Self::Idle, |at| Self::Later(Duration::try_from(at - now).unwrap_or_default()))
    }
}

/// No run takes longer: twenty calls to a slow peer fit in. What one leaves behind that is given up is what a process
/// leaves that dies in the middle: the next run, or another instance, goes on from there.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// Until the next look of a job that failed, unless that comes earlier: what it was woken for is still to be done.
const FAILED: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// In a quiet minute a job looks at least that often: at every second of the moments at which its process looks at all.
const QUIETLY: Duration = Duration::from_secs(10);

/// One run of a job.
pub(crate) type Run = BoxFuture<'static, Result<Progress, Box<dyn Error + Send + Sync>>>;

pub(crate) async fn run(
    name: &'static str,
    runs: Runs,
    every: Duration,
    limit: Duration,
    wake: Arc<Notify>,
    stop: CancellationToken,
    work: Box<dyn Fn() -> Run + Send + Sync>,
) {
    let (mut busy, mut failures) = (Instant::now(), 0_u32);
    while !stop.is_cancelled() {
        // A panic is one run's failure, not the job's end: deadlines and retries hang on it. So is a run without an
        // end: a database whose host vanished in the middle of an answer may never be heard of again.
        let work = AssertUnwindSafe(work()).catch_unwind();
        let ended = tokio::time::timeout(limit, work).await;
        let did_well = matches!(ended, Ok(Ok(Ok(_))));
        failures = if did_well { 0 } else { failures.saturating_add(1) };
        if !matches!(ended, Ok(Ok(Ok(Progress::Idle | Progress::Later(_))))) {
            busy = Instant::now();
        }
        let mut due = Duration::MAX;
        match ended {
            Ok(Ok(Ok(Progress::More))) => {
                runs.done.increment(1);
                continue;
            }
            Ok(Ok(Ok(Progress::Found | Progress::Idle))) => runs.done.increment(1),
            Ok(Ok(Ok(Progress::Later(until)))) => {
                runs.done.increment(1);
                due = until;
            }
            Ok(Ok(Err(cause))) => {
                runs.failed.increment(1);
                tracing::warn!(job = name, %cause, "a timed job failed; it runs again");
            }
            Ok(Err(_panic)) => {
                runs.panicked.increment(1);
                tracing::error!(job = name, "a timed job panicked; it runs again");
            }
            Err(_elapsed) => {
                runs.failed.increment(1);
                tracing::error!(job = name, ?limit, "a timed job came to no end; it runs again");
            }
        }
        let until_next =
            if did_well { pause(every, busy.elapsed()).min(due) } else { every.min(FAILED.pause(failures)) };
        tokio::select! {
            () = tokio::time::sleep(until_next) => {}
            () = wake.notified() => busy = Instant::now(),
            () = stop.cancelled() => {}
        }
    }
}

/// Until the next look of a job that runs `every` so often and had nothing to do `quiet` so long.
fn pause(every: Duration, quiet: Duration) -> Duration {
    if quiet < QUIET { every } else { next_round(seldom(every)) }
}

/// A twentieth as often, and at least every [`QUIETLY`].
fn seldom(every: Duration) -> Duration {
    every.max(QUIETLY.min(every * 20))
}

#[cfg(test)]
mod tests {
    use super::{Error, Progress, Run, pause, run, seldom};
    use crate::{metrics::Runs, rounds::QUIET};
    use metrics_exporter_prometheus::PrometheusBuilder;
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };
    use tokio_util::sync::CancellationToken;

    #[test]
    fn a_job_looks_less_often_after_a_quiet_minute_and_never_more_seldom_than_it_was_asked_to() {
        let milliseconds = Duration::from_millis;
        for (every, quietly) in
            [(100, 2000), (500, 10_000), (1000, 10_000), (2000, 10_000), (5000, 10_000), (60_000, 60_000)]
        {
            let (every, quietly) = (milliseconds(every), milliseconds(quietly));
            assert_eq!(pause(every, QUIET - milliseconds(1)), every);
            assert_eq!(seldom(every), quietly, "{every:?}");
            assert!(pause(every, QUIET) <= quietly, "{every:?}");
        }
    }

    /// A job that looks once an hour, whose first run ended so, has a second one within seconds.
    async fn runs_again_soon_after(first: fn() -> Result<Progress, Box<dyn Error + Send + Sync>>) {
        let (stop, number) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
        let second = stop.clone();
        let work = move || {
            let (is_first, second) = (number.fetch_add(1, Ordering::SeqCst) == 0, second.clone());
            let run: Run = Box::pin(async move {
                if is_first {
                    return first();
                }
                second.cancel();
                Ok(Progress::Idle)
            });
            run
        };
        let (hour, runs) = (Duration::from_secs(3600), Runs::new("a-service", "a job"));
        let job = run("a job", runs, hour, hour, Arc::default(), stop, Box::new(work));
        tokio::time::timeout(Duration::from_secs(10), job).await.expect("a second run");
    }

    #[tokio::test]
    async fn what_failed_is_tried_again_soon_however_seldom_the_job_looks() {
        runs_again_soon_after(|| Err("the database was away for a moment".into())).await;
    }

    #[tokio::test]
    async fn what_comes_due_sooner_than_the_job_looks_is_not_waited_for_longer() {
        runs_again_soon_after(|| Ok(Progress::Later(Duration::from_millis(20)))).await;
    }

    #[tokio::test]
    async fn a_run_without_an_end_is_given_up_and_the_job_comes_again() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let page = recorder.handle();
        let _local = metrics::set_default_local_recorder(&recorder);
        let (stop, number) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
        let second = stop.clone();
        let work = move || {
            let (first, second) = (number.fetch_add(1, Ordering::SeqCst) == 0, second.clone());
            let run: Run = Box::pin(async move {
                if first {
                    std::future::pending::<()>().await;
                }
                second.cancel();
                Ok(Progress::Idle)
            });
            run
        };
        let limit = Duration::from_millis(20);
        let runs = Runs::new("a-service", "a job");
        let job = run("a job", runs, Duration::ZERO, limit, Arc::default(), stop, Box::new(work));
        tokio::time::timeout(Duration::from_secs(10), job).await.expect("a second run");
        let page = page.render();
        for outcome in ["failed", "done"] {
            let line = format!("task_runs_total{{service=\"a-service\",task=\"a job\",outcome=\"{outcome}\"}} 1");
            assert!(page.contains(&line), "{line} in {page}");
        }
    }
}
