//! Timed work: it runs when woken and when its time comes, and survives its own errors and panics.

use crate::{sample, support::database};
use anyhow::bail;
use service_kit::{Bus, Clock, jobs::Progress, metrics::Reading};
use sqlx::PgConnection;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use test_kit::{Running, until};
use time::OffsetDateTime;
use tokio::sync::Notify;

/// Runs a service with one job more, which does `run` with the number of its run.
async fn with_job(
    every: Duration,
    wake: &Arc<Notify>,
    run: fn(usize) -> anyhow::Result<Progress>,
) -> (Running, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let settings = crate::support::settings(&database().await);
    let service = sample::build(settings, Bus::Elsewhere, Clock::system(), Arc::default()).await;
    let counted = Arc::clone(&runs);
    let service = service.job("a test's job", every, Arc::clone(wake), move || {
        let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
        async move { run(number) }
    });
    (Running::start(service).await, runs)
}

async fn ran(runs: &AtomicUsize, expected: usize) {
    until("the job's runs", || async { (runs.load(Ordering::SeqCst) >= expected).then_some(()) }).await;
}

const NEVER: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_while_there_is_more_and_then_waits_to_be_woken() {
    let wake = Arc::new(Notify::new());
    let run = |number| Ok(if number < 3 { Progress::More } else { Progress::Idle });
    let (running, runs) = with_job(NEVER, &wake, run).await;
    ran(&runs, 3).await;
    wake.notify_one();
    ran(&runs, 4).await;
    running.stop().await;
    assert_eq!(runs.load(Ordering::SeqCst), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_comes_again_after_errors_and_panics() {
    let (running, runs) = with_job(Duration::from_millis(10), &Arc::default(), |number| match number {
        1 => bail!("the first run fails"),
        2 => panic!("the second run panics"),
        _ => Ok(Progress::Idle),
    })
    .await;
    ran(&runs, 5).await;
    running.stop().await;
}

static LOOKS: AtomicUsize = AtomicUsize::new(0);

/// A look at the service's tables for its gauges.
fn look(_connection: &mut PgConnection, _now: OffsetDateTime) -> Reading<'_> {
    let number = LOOKS.fetch_add(1, Ordering::SeqCst);
    Box::pin(async move {
        assert!(number > 0, "the first look falls over");
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_for_gauges_that_panics_is_not_the_last_one() {
    let settings = crate::support::settings(&database().await);
    let service = sample::build(settings, Bus::Elsewhere, Clock::system(), Arc::default()).await;
    let running = Running::start(service.sample(Arc::new(look))).await;
    ran(&LOOKS, 2).await;
    running.stop().await;
}
