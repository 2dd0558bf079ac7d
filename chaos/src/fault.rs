//! The kinds of harm a fault run does. Each carries all it needs: what it will do is decided before the run begins.

use super::{
    process::{Process, Replica},
    wiring::Link,
};
use contracts::ServiceName;

/// Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// SIGKILL; started again after so long.
    Kill { process: Process, away: u64 },
    /// SIGSTOP and SIGCONT: a machine that hangs.
    Halt { replica: Replica, time: u64 },
    /// The same to whoever relays this service's events just then, for longer than another may take to follow.
    Hang { service: ServiceName, time: u64 },
    /// Started anew so that it dies at the `pass`-th time it comes to a named step. In builds with the feature `labs`.
    #[cfg_attr(not(feature = "labs"), expect(dead_code, reason = "only builds with labs have named steps"))]
    Crash { replica: Replica, step: &'static str, pass: u64 },
    /// SIGKILL to RabbitMQ, and started again.
    KillBroker { away: u64 },
    /// SIGKILL to PostgreSQL with all its processes, and started again.
    KillPostgres { away: u64 },
    /// A service's database takes no connections and ends those it has; meanwhile the service's connections to the broker
    /// break again and again, more often than the broker delivers anything.
    Refuse { service: ServiceName, time: u64 },
    /// All connections of one kind break.
    Cut { link: Link },
    /// Everything on them arrives late.
    Delay { link: Link, by: u64, time: u64 },
    /// Nothing on them arrives.
    BlackHole { link: Link, time: u64 },
    /// Events that were announced before are published again, twice each, in any order.
    Repeat { events: u64, seed: u64 },
    /// A message that no consumer can ever act on.
    Poison { kind: &'static str, readable: bool },
}

impl Fault {
    /// Counted when it is armed: not every process comes to its step.
    pub(crate) const CRASH: &str = "crash at a step";
    pub(crate) const REFUSAL: &str = "database refused";

    /// Its line in the table.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Kill { process: Process::Provider, .. } => "provider killed",
            Self::Kill { .. } => "service killed",
            Self::Halt { .. } => "service halted",
            Self::Hang { .. } => "relaying service hung",
            Self::Crash { .. } => Self::CRASH,
            Self::KillBroker { .. } => "broker killed",
            Self::KillPostgres { .. } => "PostgreSQL killed",
            Self::Refuse { .. } => Self::REFUSAL,
            Self::Cut { .. } => "connections cut",
            Self::Delay { .. } => "connections delayed",
            Self::BlackHole { .. } => "connections black-holed",
            Self::Repeat { .. } => "events repeated, shuffled",
            Self::Poison { .. } => "poison event",
        }
    }

    /// Whether how the platform comes back from it is measured, so that nothing else should be out of order.
    pub(crate) fn is_alone(&self) -> bool {
        matches!(self, Self::KillBroker { .. } | Self::KillPostgres { .. } | Self::Hang { .. } | Self::Refuse { .. })
    }
}
