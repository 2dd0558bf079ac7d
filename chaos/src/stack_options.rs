//! What a platform of processes is started with.

use contracts::ServiceName;
use std::{collections::BTreeMap, path::PathBuf, str::FromStr};

/// How long the services wait for each other.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// `PAYMENT_DEADLINE`, seconds.
    pub payment: u64,
    /// `PAYMENT_GIVE_UP`, seconds; below the one above.
    pub give_up: u64,
    /// `RESERVATION_TTL`, seconds; above the payment's.
    pub reservation: u64,
    /// `PROVIDER_DEADLINE`, milliseconds.
    pub provider: u64,
}

impl Default for Deadlines {
    /// The short times of a fault run: every wait must be over within a minute of the last fault.
    fn default() -> Self {
        Self { payment: 25, give_up: 15, reservation: 30, provider: 1000 }
    }
}

impl Deadlines {
    /// Where nothing is broken nothing has to be given up early: a slow machine must not look like a wrong one.
    pub const CALM: Self = Self { payment: 600, give_up: 480, reservation: 900, provider: 5000 };
}

/// What the services' connections go through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wires {
    /// Proxies of ours, which can be disturbed.
    #[default]
    Proxied,
    /// Nothing: what is measured is theirs alone. Each replica asks those of its own number.
    Direct,
    /// Nothing, and to PostgreSQL by its socket.
    DirectBySocket,
}

#[derive(Clone, Debug)]
pub struct StackOptions {
    pub deadlines: Deadlines,
    /// So many processes of each service, on one database.
    pub replicas: u8,
    /// Variables for every service besides those the stack sets, and before them.
    pub extra: BTreeMap<String, String>,
    /// Services that begin their first life with `ECOM_FAULTS`.
    pub faults: BTreeMap<ServiceName, String>,
    /// The `ecom` program; the running one unless given.
    pub program: Option<PathBuf>,
    pub wires: Wires,
    /// Settings for PostgreSQL besides its own, each `name=value`.
    pub postgres: Vec<String>,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self {
            deadlines: Deadlines::default(),
            replicas: 1,
            extra: BTreeMap::new(),
            faults: BTreeMap::new(),
            program: None,
            wires: Wires::default(),
            postgres: Vec::new(),
        }
    }
}

/// One of the services' surroundings.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub value: String,
}

impl FromStr for Variable {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("expected NAME=value")?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}
