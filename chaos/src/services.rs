//! The platform's processes: started, killed, halted, and started again when they died by themselves.

use super::{
    process::{Cause, Death, Process, Recipe, Recovery, Slot},
    storms::{Storm, Storms},
};
use anyhow::{Context, bail};
#[cfg(feature = "labs")]
use contracts::ServiceName;
use dev_rabbitmq::Guard;
use nix::sys::signal::Signal;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// How soon a death is noticed, and how often readiness is asked for.
const TICK: Duration = Duration::from_millis(10);
/// Nothing here takes longer to start; a database that recovers is waited for.
const TO_BE_READY: Duration = Duration::from_secs(60);

struct Inner {
    program: PathBuf,
    logs: PathBuf,
    guard: Guard,
    slots: BTreeMap<Process, Mutex<Slot>>,
    recoveries: Mutex<Vec<Recovery>>,
    deaths: Mutex<Vec<Death>>,
    never_ready: Mutex<Vec<Process>>,
    storms: Storms,
    http: reqwest::Client,
    stop: CancellationToken,
}

/// All processes, watched over until [`Services::end`].
#[derive(Clone)]
pub struct Services(Arc<Inner>);

impl Services {
    /// Starts nothing yet.
    pub(crate) fn new(program: PathBuf, logs: PathBuf, guard: Guard, recipes: BTreeMap<Process, Recipe>) -> Self {
        let services = Self(Arc::new(Inner {
            program,
            logs,
            guard,
            slots: recipes.into_iter().map(|(process, recipe)| (process, Mutex::new(Slot::new(recipe)))).collect(),
            recoveries: Mutex::default(),
            deaths: Mutex::default(),
            never_ready: Mutex::default(),
            storms: Storms::default(),
            http: reqwest::Client::new(),
            stop: CancellationToken::new(),
        }));
        let watching = services.clone();
        tokio::spawn(services.0.stop.clone().run_until_cancelled_owned(async move { watching.watch_over().await }));
        services
    }

    /// The `ecom` program they are.
    pub fn program(&self) -> &Path {
        &self.0.program
    }

    /// Where its output goes: one file, appended to by each of its lives.
    pub fn log(&self, process: impl Into<Process>) -> PathBuf {
        self.0.logs.join(format!("{}.log", process.into()))
    }

    /// The files of all of them.
    pub(crate) fn logs(&self) -> Vec<PathBuf> {
        self.0.slots.keys().map(|process| self.log(*process)).collect()
    }

    /// SIGKILL. It stays away until [`Self::restart`].
    pub fn kill(&self, process: impl Into<Process>) {
        let process = process.into();
        let mut slot = self.slot(process);
        // Else a death of its own just before would count as ours.
        let _ = self.note_death(process, &mut slot);
        slot.wanted = false;
        slot.signal(Signal::SIGKILL);
    }

    /// SIGSTOP: it is there and does nothing, as one whose machine hangs.
    pub(crate) fn halt(&self, process: impl Into<Process>) {
        let mut slot = self.slot(process.into());
        slot.hung = true;
        slot.signal(Signal::SIGSTOP);
    }

    /// SIGCONT.
    pub(crate) fn go_on(&self, process: impl Into<Process>) {
        self.slot(process.into()).signal(Signal::SIGCONT);
    }

    /// Ends it at once if it runs and starts it anew, with `ECOM_FAULTS` set to `faults`. From then on it is watched
    /// over: should it die by itself, it is started again without them.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn restart(&self, process: impl Into<Process>, faults: Option<&str>) -> anyhow::Result<()> {
        let process = process.into();
        let mut slot = self.slot(process);
        self.note_death(process, &mut slot)?;
        slot.signal(Signal::SIGKILL);
        if let Some(mut child) = slot.child.take() {
            child.wait().context("waiting for a killed process")?;
            self.0.guard.forget(child.id())?;
        }
        slot.wanted = true;
        self.spawn(process, &mut slot, faults)
    }

    /// [`Self::restart`] of every service, each with its own faults.
    ///
    /// # Errors
    /// One cannot be started.
    #[cfg(feature = "labs")]
    pub(crate) fn restart_all(&self, faults: &BTreeMap<ServiceName, String>) -> anyhow::Result<()> {
        ServiceName::ALL.into_iter().try_for_each(|name| self.restart(name, faults.get(&name).map(String::as_str)))
    }

    pub(crate) fn is_alive(&self, process: impl Into<Process>) -> bool {
        let mut slot = self.slot(process.into());
        slot.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Its process id, while it has one.
    pub fn pid(&self, process: impl Into<Process>) -> Option<u32> {
        self.slot(process.into()).child.as_ref().map(Child::id)
    }

    /// Waits until the life it has now is over. One that died by itself may have begun another by then.
    ///
    /// # Errors
    /// It still lives after `patience`.
    pub(crate) async fn wait_dead(&self, process: impl Into<Process>, patience: Duration) -> anyhow::Result<()> {
        let process = process.into();
        let life = self.slot(process).life;
        let begun = Instant::now();
        while self.slot(process).life == life && self.is_alive(process) {
            if begun.elapsed() > patience {
                bail!("{process} still lives after {patience:?}");
            }
            tokio::time::sleep(TICK).await;
        }
        Ok(())
    }

    /// How long it took from its start until it was ready.
    ///
    /// # Errors
    /// It is not within a minute.
    pub async fn wait_ready(&self, process: impl Into<Process>) -> anyhow::Result<Duration> {
        let process = process.into();
        let url = self.slot(process).recipe.ready.clone();
        let begun = Instant::now();
        loop {
            let asked = self.0.http.get(&url).timeout(Duration::from_secs(2)).send().await;
            let started = self.slot(process).started;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(started.elapsed());
            }
            if begun.elapsed() > TO_BE_READY {
                // The log goes with the run's folder.
                let log = fs::read_to_string(self.log(process)).unwrap_or_default();
                bail!(
                    "{process} is not ready after a minute. Its log ends: {}",
                    log.lines().last().unwrap_or_default()
                );
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// The body of its `/readyz`, which tells of its bus.
    pub(crate) async fn readiness(&self, process: impl Into<Process>) -> Option<serde_json::Value> {
        let url = self.slot(process.into()).recipe.ready.clone();
        let answer = self.0.http.get(&url).timeout(Duration::from_secs(2)).send().await.ok()?;
        answer.json().await.ok()
    }

    /// What it counts at `/metrics` under one name, with whatever labels, in the life it has now.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) async fn counted(&self, process: impl Into<Process>, metric: &str) -> anyhow::Result<u64> {
        let text = self.metrics(process).await?;
        let lines = text.lines().filter(|line| line.split(['{', ' ']).next() == Some(metric));
        Ok(lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum())
    }

    /// Its whole page `/metrics`.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn metrics(&self, process: impl Into<Process>) -> anyhow::Result<String> {
        let url = self.slot(process.into()).recipe.metrics.clone();
        let answer = self.0.http.get(&url).timeout(Duration::from_secs(10)).send().await?.error_for_status()?;
        Ok(answer.text().await?)
    }

    /// While the answer is held, what services do tells nothing about them.
    pub(crate) fn storm(&self) -> Storm {
        self.0.storms.begin()
    }

    /// Those that were started with faults and have not died of them.
    pub(crate) fn armed(&self) -> Vec<Process> {
        self.0.slots.keys().copied().filter(|process| self.slot(*process).armed).collect()
    }

    /// Every start but the first, in order.
    pub(crate) fn recoveries(&self) -> Vec<Recovery> {
        lock(&self.0.recoveries).clone()
    }

    /// Those that ended without being told to, in order.
    pub fn deaths(&self) -> Vec<Death> {
        lock(&self.0.deaths).clone()
    }

    /// Starts after which a minute was not enough to be ready.
    pub(crate) fn never_ready(&self) -> Vec<Process> {
        lock(&self.0.never_ready).clone()
    }

    /// Asks all of them to end (SIGTERM) and kills who is left after `patience`.
    pub async fn end(&self, patience: Duration) {
        for process in self.0.slots.keys() {
            let mut slot = self.slot(*process);
            slot.wanted = false;
            slot.signal(Signal::SIGCONT);
            slot.signal(Signal::SIGTERM);
        }
        let begun = Instant::now();
        while self.0.slots.keys().any(|process| self.is_alive(*process)) && begun.elapsed() < patience {
            tokio::time::sleep(TICK).await;
        }
        self.abort();
    }

    /// Kills all of them at once.
    pub(crate) fn abort(&self) {
        self.0.stop.cancel();
        for process in self.0.slots.keys() {
            let mut slot = self.slot(*process);
            slot.wanted = false;
            slot.signal(Signal::SIGKILL);
            if let Some(mut child) = slot.child.take() {
                let _ = child.wait();
            }
        }
    }

    fn slot(&self, process: Process) -> MutexGuard<'_, Slot> {
        // There is one for each, from the start.
        lock(&self.0.slots[&process])
    }

    fn spawn(&self, process: Process, slot: &mut Slot, faults: Option<&str>) -> anyhow::Result<()> {
        let log = self.log(process);
        let out = File::options().create(true).append(true).open(&log).with_context(|| log.display().to_string())?;
        let mut command = Command::new(&self.0.program);
        command.args(&slot.recipe.arguments).env_clear().envs(&slot.recipe.variables);
        // Another build's services know no faults, and its program names none (`cargo xtask faults` looks).
        #[cfg(feature = "labs")]
        if let Some(faults) = faults {
            command.env("ECOM_FAULTS", faults);
        }
        // A group of its own: Ctrl-C in the terminal is for us, who then end it in order.
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).process_group(0);
        let child = command.spawn().with_context(|| format!("starting {process}"))?;
        self.0.guard.watch(child.id())?;
        slot.child = Some(child);
        slot.life += 1;
        slot.started = Instant::now();
        slot.weather = self.0.storms.weather();
        (slot.ready, slot.hung, slot.armed) = (false, false, faults.is_some());
        let (watching, life) = (self.clone(), slot.life);
        tokio::spawn(self.0.stop.clone().run_until_cancelled_owned(async move {
            watching.note_when_ready(process, life).await;
        }));
        Ok(())
    }

    /// Measures one life's way from its start to its readiness.
    async fn note_when_ready(self, process: Process, life: u64) {
        let ready = self.wait_ready(process).await;
        let mut slot = self.slot(process);
        // Killed meanwhile: that it was not ready says nothing.
        if slot.life != life || !slot.wanted {
            return;
        }
        let Ok(took) = ready else {
            lock(&self.0.never_ready).push(process);
            return;
        };
        slot.ready = true;
        // What hung meanwhile tells nothing.
        if life > 1 && !slot.hung {
            let in_calm = self.was_calm(&slot);
            lock(&self.0.recoveries).push(Recovery { process, took, in_calm });
        }
    }

    /// Nothing was out of order since its start.
    fn was_calm(&self, slot: &Slot) -> bool {
        slot.weather.is_calm() && slot.weather == self.0.storms.weather()
    }

    async fn watch_over(&self) {
        loop {
            tokio::time::sleep(TICK).await;
            for process in self.0.slots.keys() {
                if let Err(cause) = self.revive(*process) {
                    tracing::error!(%process, cause = format!("{cause:#}"), "a process could not be started again");
                }
            }
        }
    }

    fn revive(&self, process: Process) -> anyhow::Result<()> {
        let mut slot = self.slot(process);
        if self.note_death(process, &mut slot)? {
            self.spawn(process, &mut slot, None)?;
        }
        Ok(())
    }

    /// Whether it has just been found to have ended without being told to.
    fn note_death(&self, process: Process, slot: &mut Slot) -> anyhow::Result<bool> {
        let Some(child) = slot.child.as_mut() else { return Ok(false) };
        let Some(status) = child.try_wait()? else { return Ok(false) };
        self.0.guard.forget(child.id())?;
        slot.child = None;
        if slot.wanted {
            let cause = self.cause(slot, status);
            lock(&self.0.deaths).push(Death { process, status, cause });
        }
        Ok(slot.wanted)
    }

    fn cause(&self, slot: &Slot, status: ExitStatus) -> Cause {
        if slot.armed && status.signal() == Some(Signal::SIGABRT as i32) {
            Cause::Armed
        } else if status.code().is_some() && !slot.ready && (slot.hung || !self.was_calm(slot)) {
            Cause::Start
        } else {
            Cause::Itself
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// By way of `/proc` on Linux: a program that was rebuilt while it runs still finds itself there.
pub fn this_program() -> anyhow::Result<PathBuf> {
    let own = Path::new("/proc/self/exe");
    if own.exists() { Ok(own.to_owned()) } else { std::env::current_exe().context("finding this program") }
}
