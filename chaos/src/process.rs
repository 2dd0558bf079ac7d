//! One process of the platform: what it is, how it is started, and what became of its lives.

use super::storms::Weather;
use contracts::ServiceName;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    collections::BTreeMap,
    fmt,
    process::{Child, ExitStatus},
    time::{Duration, Instant},
};

/// One of the processes that a service runs as, beside the others on the same database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replica {
    pub service: ServiceName,
    /// From 0.
    pub number: u8,
}

impl Replica {
    /// So many of each service.
    pub(crate) fn all(replicas: u8) -> impl Iterator<Item = Self> {
        ServiceName::ALL.into_iter().flat_map(move |service| Self::of(service, replicas))
    }

    pub(crate) fn of(service: ServiceName, replicas: u8) -> impl Iterator<Item = Self> {
        (0..replicas).map(move |number| Self { service, number })
    }
}

/// The first, which is the only one unless more were asked for.
impl From<ServiceName> for Replica {
    fn from(service: ServiceName) -> Self {
        Self { service, number: 0 }
    }
}

/// `order-service`, `order-service-2` …
impl fmt::Display for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.service.as_str())?;
        if self.number == 0 { Ok(()) } else { write!(f, "-{}", self.number + 1) }
    }
}

/// One process of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Process {
    Service(Replica),
    /// The payment provider's simulator.
    Provider,
}

impl Process {
    /// All of a platform with so many replicas of each service.
    pub(crate) fn all(replicas: u8) -> impl Iterator<Item = Self> {
        Replica::all(replicas).map(Self::Service).chain([Self::Provider])
    }
}

impl From<Replica> for Process {
    fn from(replica: Replica) -> Self {
        Self::Service(replica)
    }
}

impl From<ServiceName> for Process {
    fn from(service: ServiceName) -> Self {
        Self::Service(service.into())
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(replica) => replica.fmt(f),
            Self::Provider => f.write_str("provider-sim"),
        }
    }
}

/// How a process is started.
pub(crate) struct Recipe {
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: BTreeMap<String, String>,
    /// The URL that answers 200 when it is ready.
    pub(crate) ready: String,
    pub(crate) metrics: String,
}

/// A process that came back: how long from its start until it said it was ready.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recovery {
    pub process: Process,
    pub(crate) took: Duration,
    /// Nothing else was out of order meanwhile: no server away, no connection disturbed.
    pub(crate) in_calm: bool,
}

/// A process that ended without being told to.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    pub process: Process,
    pub status: ExitStatus,
    pub cause: Cause,
}

/// What it died of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It met the crash it was started with.
    Armed,
    /// It was not ready yet and something was out of order, or it hung: a service whose database fails it then gives up.
    Start,
    /// Nothing that was done to it: whatever breaks, what was once ready lives on.
    Itself,
}

/// A process's place: what it is, and the life it has now.
pub(super) struct Slot {
    pub(super) recipe: Recipe,
    pub(super) child: Option<Child>,
    /// Whether it is to run: then one that dies is started again.
    pub(super) wanted: bool,
    /// Counts its lives.
    pub(super) life: u64,
    pub(super) started: Instant,
    /// The weather at its start.
    pub(super) weather: Weather,
    pub(super) ready: bool,
    /// It was halted in this life.
    pub(super) hung: bool,
    /// It was started with faults that it may not have met yet.
    pub(super) armed: bool,
}

impl Slot {
    pub(super) fn new(recipe: Recipe) -> Self {
        Self {
            recipe,
            child: None,
            wanted: false,
            life: 0,
            started: Instant::now(),
            weather: Weather::default(),
            ready: false,
            hung: false,
            armed: false,
        }
    }

    pub(super) fn signal(&mut self, signal: Signal) {
        let Some(child) = self.child.as_mut() else { return };
        // Not to one that is gone: its number may be another's.
        if matches!(child.try_wait(), Ok(None)) {
            let _ = kill(Pid::from_raw(child.id().cast_signed()), signal);
        }
    }
}
