//! Does the harm that was planned, measures how the platform comes back, and sets the pace of the orders.

use super::{
    dice::Dice,
    fault::Fault,
    hang,
    poison::{self, Poison},
    proxy::Mode,
    refusal, replay,
    schedule::Planned,
    stack::Stack,
};
use anyhow::Context;
use operate::reach::Reach;
use service_kit::{Bus, Clock};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{RwLock, Semaphore, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// So many faults may last at the same time.
const AT_ONCE: usize = 3;

pub(crate) struct Injector {
    pub(crate) stack: Arc<Stack>,
    pub(crate) reach: Arc<Reach>,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) report: Mutex<Injected>,
    /// Some faults are alone in their time: what they cost is measured.
    pub(crate) measuring: RwLock<()>,
}

/// What was done, and how long the platform took to come back.
#[derive(Debug, Default)]
pub(crate) struct Injected {
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// From the kill until every service is ready.
    pub(crate) postgres: Vec<Duration>,
    /// From the broker's being back until every service is connected.
    pub(crate) broker: Vec<Duration>,
    /// From the halt of what relays until another replica's next confirmed publish; none when there was none while it hung.
    pub(crate) hangs: Vec<Option<Duration>>,
    /// From when a database takes connections again until every service is ready.
    pub(crate) refusals: Vec<Duration>,
    /// How often connections to the broker broke while a database refused.
    pub(crate) cuts: u64,
    pub(crate) poison: Vec<Poison>,
}

impl std::fmt::Debug for Poison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.id)
    }
}

impl Injector {
    /// All faults in their turn: each when so many keys' lives are over, and no order too far ahead of them.
    ///
    /// # Errors
    /// A fault could not be done, or the platform did not come back from it.
    pub(crate) async fn run(
        self: Arc<Self>,
        planned: Vec<Planned>,
        orders: u64,
        mut done: watch::Receiver<u64>,
        allow: watch::Sender<u64>,
        closing: CancellationToken,
    ) -> anyhow::Result<()> {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        let mut running = JoinSet::new();
        let ahead = (orders / (planned.len() as u64 + 1)).max(32);
        for one in planned {
            allow.send_replace(one.after + ahead);
            tokio::select! {
                waited = done.wait_for(|done| *done >= one.after) => drop(waited?),
                () = closing.cancelled() => break,
            }
            let place = Arc::clone(&room).acquire_owned().await?;
            let injector = Arc::clone(&self);
            running.spawn(async move {
                let told = injector.inject(&one.fault).await;
                drop(place);
                told.with_context(|| format!("{:?}", one.fault))
            });
            while let Some(ended) = running.try_join_next() {
                ended??;
            }
        }
        allow.send_replace(u64::MAX);
        while let Some(ended) = running.join_next().await {
            ended??;
        }
        Ok(())
    }

    async fn inject(&self, fault: &Fault) -> anyhow::Result<()> {
        tracing::info!(?fault, "a fault");
        if fault.is_alone() {
            let _alone = self.measuring.write().await;
            self.alone(fault).await?;
        } else {
            let _beside = self.measuring.read().await;
            self.beside(fault).await?;
        }
        *self.note().faults.entry(fault.kind()).or_default() += 1;
        Ok(())
    }

    async fn alone(&self, fault: &Fault) -> anyhow::Result<()> {
        let _storm = self.stack.services.storm();
        match *fault {
            Fault::KillPostgres { away } => {
                let begun = Instant::now();
                self.stack.kill_postgres().await?;
                pause(away).await;
                self.stack.start_postgres().await?;
                self.stack.wait_ready().await?;
                self.note().postgres.push(begun.elapsed().saturating_sub(Duration::from_millis(away)));
            }
            Fault::KillBroker { away } => {
                self.stack.kill_rabbitmq().await?;
                pause(away).await;
                self.stack.start_rabbitmq().await?;
                let back = Instant::now();
                self.stack.wait_connected().await?;
                self.note().broker.push(back.elapsed());
            }
            Fault::Hang { service, time } => {
                let took = hang::hang(&self.stack, &self.reach, service, Duration::from_millis(time)).await?;
                self.note().hangs.push(took);
            }
            Fault::Refuse { service, time } => {
                let refused = refusal::refuse(&self.stack, service, Duration::from_millis(time)).await?;
                let mut noted = self.note();
                noted.refusals.push(refused.back);
                noted.cuts += refused.cuts;
            }
            _ => {}
        }
        Ok(())
    }

    async fn beside(&self, fault: &Fault) -> anyhow::Result<()> {
        let services = &self.stack.services;
        match *fault {
            Fault::Kill { process, away } => {
                services.kill(process);
                services.wait_dead(process, Duration::from_secs(10)).await?;
                pause(away).await;
                services.restart(process, None)?;
                services.wait_ready(process).await?;
            }
            Fault::Halt { replica, time } => {
                services.halt(replica);
                pause(time).await;
                services.go_on(replica);
            }
            Fault::Crash { replica, step, pass } => {
                services.restart(replica, Some(&format!("crash:{step}@{pass}")))?;
                services.wait_ready(replica).await?;
            }
            Fault::Cut { link } => {
                // Over at once, and yet who is starting may give up over it.
                let _storm = services.storm();
                self.stack.cut(link);
            }
            Fault::Delay { link, by, time } => {
                let _storm = services.storm();
                self.stack.disturb(link, Mode::Delay(Duration::from_millis(by)));
                pause(time).await;
                self.stack.disturb(link, Mode::Pass);
            }
            Fault::BlackHole { link, time } => {
                let _storm = services.storm();
                self.stack.disturb(link, Mode::BlackHole);
                pause(time).await;
                self.stack.disturb(link, Mode::Pass);
            }
            Fault::Repeat { events, seed } => {
                let mut dice = Dice::new(seed);
                replay::some(&self.reach, &self.bus, &mut dice, events).await?;
            }
            Fault::Poison { kind, readable } => {
                let poison = if readable {
                    poison::undecodable(&self.bus, &self.clock, kind).await?
                } else {
                    poison::unreadable(&self.stack, &self.clock, kind).await?
                };
                self.note().poison.push(poison);
            }
            Fault::KillBroker { .. } | Fault::KillPostgres { .. } | Fault::Hang { .. } | Fault::Refuse { .. } => {}
        }
        Ok(())
    }

    fn note(&self) -> std::sync::MutexGuard<'_, Injected> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
