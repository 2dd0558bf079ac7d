//! Where things lie in this repository, and which crates have checked queries.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// A crate whose queries are checked at compile time against a database of its own.
pub(crate) struct CheckedCrate {
    /// Its folder, which is also its name.
    pub(crate) name: &'static str,
    /// What callers type: `cargo xtask databases user`.
    pub(crate) short: &'static str,
    /// The variable its `sqlx.toml` names.
    pub(crate) variable: &'static str,
}

/// The kit comes first: its tables stand in every service's database.
pub(crate) const CHECKED_CRATES: [CheckedCrate; 6] = [
    CheckedCrate { name: "service-kit", short: "kit", variable: "KIT_SQLX_URL" },
    CheckedCrate { name: "user-service", short: "user", variable: "USER_SQLX_URL" },
    CheckedCrate { name: "product-service", short: "product", variable: "PRODUCT_SQLX_URL" },
    CheckedCrate { name: "order-service", short: "order", variable: "ORDER_SQLX_URL" },
    CheckedCrate { name: "payment-service", short: "payment", variable: "PAYMENT_SQLX_URL" },
    CheckedCrate { name: "notify-service", short: "notify", variable: "NOTIFY_SQLX_URL" },
];

/// What is in no other build.
pub(crate) const EVERY_FEATURE: &str = "ecom/labs,labs-macro/labs,fuzz/engine";

impl CheckedCrate {
    pub(crate) fn folder(&self) -> PathBuf {
        root().join(self.name)
    }

    /// The SQL that makes its database out of an empty one, in order: the kit's, then its own.
    pub(crate) fn migrations(&self) -> Result<Vec<PathBuf>> {
        let kit = &CHECKED_CRATES[0];
        let mut files = sql_files(&kit.folder().join("migrations"))?;
        if self.name != kit.name {
            files.extend(sql_files(&self.folder().join("migrations"))?);
        }
        Ok(files)
    }
}

/// The repository. Cargo says where, at run time: a program built in one clone may be run from another that shares its
/// target folder.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here).parent().map(Path::to_owned).unwrap_or_default()
}

/// `cargo` in this repository, checking queries against `.sqlx` whatever the caller's surroundings say: with one of these
/// variables set it would ask a database, or insist on having none.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new("cargo");
    command.arg(subcommand).current_dir(root()).env_remove("SQLX_OFFLINE").env_remove("SQLX_OFFLINE_DIR");
    for checked in &CHECKED_CRATES {
        command.env_remove(checked.variable);
    }
    // Nor do the caller's own servers take part.
    command.env_remove("DATABASE_URL").env_remove("AMQP_URL");
    command
}

fn sql_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in folder.read_dir().with_context(|| format!("reading {}", folder.display()))? {
        let path = entry.with_context(|| format!("reading {}", folder.display()))?.path();
        let name = path.to_string_lossy();
        // A migration that goes both ways has a `.down.sql` beside it, which undoes it.
        if name.ends_with(".sql") && !name.ends_with(".down.sql") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
