//! Finds, unpacks, starts and stops a PostgreSQL for development and tests.
//!
//! ```no_run
//! fn main() -> Result<(), dev_postgres::Error> {
//!     dev_postgres::maybe_run_as_helper();
//!     let postgres = dev_postgres::start(dev_postgres::Settings::new(".ecom/postgres"))?;
//!     let url = postgres.url("postgres"); // for sqlx, libpq and most others
//!     postgres.stop()
//! }
//! ```
//!
//! **Whose programs.** Those installed on the machine (versions 15 to 18, newest first), else the PostgreSQL 17 that
//! comes along inside this crate on Linux with glibc and on macOS. Data that exist decide: only programs of the major
//! version that made them can read them. The bundled one is a third party's build, for development only; its timers
//! (`statement_timeout`, `deadlock_timeout`, …) do not work.
//!
//! **Whose life.** The server ends with this process: on [`Running::stop`], when [`Running`] is dropped, and on Linux
//! also when the process is killed. Ctrl-C in a terminal does not reach it, so that the program can
//! finish its work first. To arrange this, and to run for root (which PostgreSQL refuses), the program starts itself
//! again as a small helper that becomes PostgreSQL: call [`maybe_run_as_helper`] first thing in `main`.
//!
//! **Whose eyes.** Connections go through a socket in a folder only this user can open, and need no password.
//! With [`Listen::Tcp`] every user of this machine can connect, as superuser: for throw-away data.
//!
//! All calls block. In async programs use `spawn_blocking`, or start before the runtime.

mod bundle;
mod cluster;
mod environment;
mod error;
mod identity;
mod launcher;
mod processes;
mod programs;
mod said;
mod server;
mod settings;
mod source;
mod versions;

use std::path::PathBuf;

pub use error::Error;
pub use launcher::maybe_run_as_helper;
pub use server::Running;
pub use settings::{Durability, Listen, Settings, SourceChoice};
pub use source::Source;

/// The programs on this machine that [`start`] could use, newest first.
pub fn installed() -> Vec<Source> {
    programs::installed().0
}

/// Starts PostgreSQL on the settings' folder, making a cluster there first if it is missing or empty, and waits until
/// it takes connections.
///
/// # Errors
/// See [`Error`]; nothing keeps running, and a folder that is not ours is left as it was.
pub fn start(settings: Settings) -> Result<Running, Error> {
    let launcher = settings.launcher.clone().unwrap_or_else(launcher::this_program);
    // A program that forgot `maybe_run_as_helper` gets here as its own child: without this it would go on for ever.
    if launcher::was_meant_as_helper() {
        return Err(Error::Launcher { launcher });
    }
    let wanted = std::path::absolute(&settings.data).map_err(Error::io("find", &settings.data))?;
    let existing = cluster::version(&wanted)?;
    let source = programs::choose(settings.source, existing.as_deref().map(|version| (wanted.as_path(), version)))?;
    if source == Source::Bundled && settings.listen != Listen::UnixSocket {
        return Err(Error::BundledOverTcp);
    }
    let starter = identity::Starter::new(launcher, existing.is_some().then_some(wanted.as_path()))?;
    let bin = folder_of(&source, &starter)?;
    if existing.is_none() {
        cluster::create(&wanted, &bin.join("initdb"), &starter)?;
    }
    let data = std::fs::canonicalize(&wanted).map_err(Error::io("find", &wanted))?;
    // One start at a time on the same data: who comes second then sees the first one's server, and leaves it its socket.
    let _turn = cluster::take_turn(&data)?;
    cluster::take_over(&data)?;
    server::run(server::Plan { settings, source, data, bin, starter })
}

fn folder_of(source: &Source, starter: &identity::Starter) -> Result<PathBuf, Error> {
    match source {
        Source::Installed { bin, .. } => Ok(bin.clone()),
        Source::Bundled => {
            // The user's cache, unless PostgreSQL runs as somebody who could not look in there, or there is none.
            let cache = environment::cache_folder().filter(|_| !starter.is_another_user());
            let cache = cache.filter(|cache| std::fs::create_dir_all(cache).is_ok());
            bundle::unpack(&cache.map_or_else(identity::make_open_folder, Ok)?)
        }
    }
}
