//! A platform from its start to its end: who waits until it is ready, who ends it, and within what time.

use super::parts::Parts;
use crate::data_folder::DataFolder;
use anyhow::{Context, anyhow, bail};
use dev_postgres::Running as Postgres;
use operate::terminal::say;
use service_kit::{Env, Environment, standalone};
use standalone::RunFile;
use std::time::{Duration, Instant};
use tokio::{runtime::Runtime, task::JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

/// From the wish to stop to the end of the process, at the most.
const TO_END: Duration = Duration::from_secs(10);
/// Of that, what PostgreSQL may need at the least.
const FOR_POSTGRES: Duration = Duration::from_secs(3);

/// A running platform with all it owns.
pub(crate) struct Started {
    runtime: Runtime,
    pub(super) folder: DataFolder,
    pub(super) postgres: Option<Postgres>,
    stop: CancellationToken,
    /// The services with the front door, and the simulator: until we stop.
    tasks: JoinSet<anyhow::Result<()>>,
    pub(super) simulated: bool,
    pub(super) run_file: RunFile,
    pub(super) ready_after: Duration,
    pub(super) environment: Environment,
    pub(super) mails_in_folder: bool,
    pub(super) broker: bool,
    pub(super) flow: bool,
}

impl Started {
    /// Brings everything up; `None` when it was asked to stop meanwhile, and has.
    pub(crate) fn start(env: Env) -> anyhow::Result<Option<Self>> {
        let began = Instant::now();
        let folder = DataFolder::open(&env)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let stop = runtime.block_on(async { standalone::stop_on_signal() })?;
        let Some(parts) = runtime.block_on(stop.run_until_cancelled(Parts::build(env, &folder))) else {
            say("\nStopping before it was up …");
            // A PostgreSQL that is being started ends as soon as it has.
            runtime.shutdown_timeout(TO_END);
            return Ok(None);
        };
        let mut started = Self::spawn(runtime, folder, stop, parts?)?;
        match started.until_ready() {
            Ok(true) => {}
            Ok(false) => return started.end().map(|()| None),
            Err(cause) => {
                let _ = started.end();
                return Err(cause);
            }
        }
        started.ready_after = began.elapsed();
        Ok(Some(started))
    }

    fn spawn(runtime: Runtime, folder: DataFolder, stop: CancellationToken, parts: Parts) -> anyhow::Result<Self> {
        let Parts { platform, postgres, provider, run_file, environment, mails_in_folder, broker, flow } = parts;
        let mut tasks = JoinSet::new();
        let simulated = provider.is_some();
        if let Some(listener) = provider {
            listener.set_nonblocking(true)?;
            let (data, connections, stop) = (folder.path().join("provider"), platform.connections(), stop.clone());
            let run = async move {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                let ended = provider_sim::run(listener, &data, connections, stop).await;
                ended.context("the payment provider's simulator cannot go on")
            };
            tasks.spawn_on(run, runtime.handle());
        }
        tasks.spawn_on(platform.run(stop.clone()), runtime.handle());
        let ready_after = Duration::ZERO;
        Ok(Self {
            runtime,
            folder,
            postgres,
            stop,
            tasks,
            simulated,
            run_file,
            ready_after,
            environment,
            mails_in_folder,
            broker,
            flow,
        })
    }

    /// Waits until every part answers, and leaves word of it; false when asked to stop before.
    fn until_ready(&mut self) -> anyhow::Result<bool> {
        let (stop, tasks, run_file) = (&self.stop, &mut self.tasks, &self.run_file);
        let is_ready = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = stop.cancelled() => Ok(false),
                cause = ended_early(tasks) => Err(cause),
                ready = all_ready(run_file, self.simulated) => ready.map(|()| true),
            }
        })?;
        if is_ready {
            self.folder.write_run_file(&self.run_file)?;
        }
        Ok(is_ready)
    }

    /// Runs `work` against this platform, until it is done or somebody wants to stop.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        let done = self.runtime.block_on(self.stop.run_until_cancelled(work));
        done.unwrap_or_else(|| Err(anyhow!("interrupted")))
    }

    pub(crate) fn front_door(&self) -> anyhow::Result<Url> {
        Ok(Url::parse(&self.run_file.front_door)?)
    }

    /// Serves until told to stop, or until a part is gone.
    pub(super) fn wait(mut self) -> anyhow::Result<()> {
        let lost = loop {
            if self.stop.is_cancelled() {
                break None;
            }
            if self.postgres.as_mut().is_some_and(|postgres| !postgres.is_alive()) {
                break Some(anyhow!(
                    "PostgreSQL has ended by itself, so the platform stopped: start it again, it finds its data"
                ));
            }
            let (stop, tasks) = (&self.stop, &mut self.tasks);
            let gone = self.runtime.block_on(async {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => None,
                    cause = ended_early(tasks) => Some(cause),
                    () = tokio::time::sleep(Duration::from_millis(500)) => None,
                }
            });
            if gone.is_some() {
                break gone;
            }
        };
        let ended = self.end();
        lost.map_or(ended, Err)
    }

    /// Drains the platform, then stops PostgreSQL: all within [`TO_END`].
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        say("\nStopping …");
        self.stop.cancel();
        let tasks = &mut self.tasks;
        let drained = self.runtime.block_on(async {
            let all = async {
                let mut first = Ok(());
                while let Some(ended) = tasks.join_next().await {
                    first = first.and(ended.map_err(Into::into).flatten());
                }
                first
            };
            tokio::time::timeout(TO_END.saturating_sub(FOR_POSTGRES), all).await
        });
        self.folder.remove_run_file();
        self.runtime.shutdown_timeout(Duration::from_millis(200));
        if let Some(postgres) = self.postgres {
            postgres.stop_within(TO_END.saturating_sub(began.elapsed()))?;
        }
        match drained {
            Ok(ended) => ended?,
            Err(_) => tracing::warn!("some work did not end in time; it goes on at the next start"),
        }
        say("Stopped. Data are kept.");
        Ok(())
    }
}

/// Comes back when one of the parts does, which none should before we stop.
async fn ended_early(tasks: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Error {
    match tasks.join_next().await {
        Some(Ok(Err(cause))) => cause,
        Some(Err(panic)) => anyhow::Error::new(panic).context("a part of the platform has failed"),
        Some(Ok(Ok(()))) | None => anyhow!("a part of the platform has ended by itself"),
    }
}

/// Waits until every service says it is ready, and the simulator answers.
async fn all_ready(run: &RunFile, simulated: bool) -> anyhow::Result<()> {
    let services = run.services.iter().map(|(service, url)| (service.as_str(), format!("{url}/readyz")));
    let provider = ("the payment provider's simulator", format!("{}/livez", run.provider_url));
    let client = reqwest::Client::new();
    let started = Instant::now();
    for (who, url) in services.chain(simulated.then_some(provider)) {
        loop {
            let answer = client.get(&url).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            if started.elapsed() > Duration::from_secs(60) {
                bail!("{who} is not ready after 60 s: RUST_LOG=info shows what it waits for");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    Ok(())
}
