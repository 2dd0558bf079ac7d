//! What to start, and how: whoever starts a server says so here.

use std::path::PathBuf;

/// What to start, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The cluster folder; made when missing.
    pub data: PathBuf,
    /// Where it listens.
    pub listen: Listen,
    /// What a power cut may cost.
    pub durability: Durability,
    /// Forces one source of programs; `None` takes the installed ones, else the bundled.
    pub source: Option<SourceChoice>,
    /// PostgreSQL's `max_connections`.
    pub max_connections: u32,
    /// Any other settings of PostgreSQL, each `name=value`; they win.
    pub options: Vec<String>,
    /// A program that calls [`maybe_run_as_helper`](crate::maybe_run_as_helper); `None` is the running one. Test binaries have no `main` of their
    /// own and name another.
    pub launcher: Option<PathBuf>,
}

impl Settings {
    /// A private, durable server on the given cluster folder.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            listen: Listen::UnixSocket,
            durability: Durability::Full,
            source: None,
            max_connections: 200,
            options: Vec::new(),
            launcher: None,
        }
    }
}

/// Where the server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// On a socket in a private folder.
    UnixSocket,
    /// Besides the socket, on this port of 127.0.0.1, open to every user of the machine.
    Tcp {
        /// The port.
        port: u16,
    },
}

/// What a power cut may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed.
    Full,
    /// Everything: `fsync`, `synchronous_commit` and `full_page_writes` are off. For tests.
    Off,
}

/// Which source of programs to insist on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceChoice {
    /// Those on the machine.
    Installed,
    /// Those inside this crate.
    Bundled,
}
