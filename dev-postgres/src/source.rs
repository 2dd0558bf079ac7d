//! Where PostgreSQL programs come from.

use std::path::PathBuf;

use crate::bundle;

/// Where the running programs came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// They were on the machine.
    Installed {
        /// The folder with `postgres` and `initdb`.
        bin: PathBuf,
        /// The major version.
        version: u32,
    },
    /// They came inside this crate: PostgreSQL 17 of a third party.
    Bundled,
}

impl Source {
    /// The major version.
    pub fn version(&self) -> u32 {
        match self {
            Self::Installed { version, .. } => *version,
            Self::Bundled => bundle::VERSION,
        }
    }
}
