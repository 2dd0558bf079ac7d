//! Everything that can go wrong, in sentences that say what, where, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::versions::{NEWEST, OLDEST};

/// Why there is no PostgreSQL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing to run, neither installed nor bundled.
    #[error("found no PostgreSQL {OLDEST} to {NEWEST} on this machine ({found}). {INSTALL}")]
    NoPrograms {
        /// What was found instead, for a person to read.
        found: String,
    },
    /// The cluster wants programs of its own major version.
    #[error(
        "the data in {} were made by PostgreSQL {version}, and only PostgreSQL {version} can read them, but there are \
         {found}. Install PostgreSQL {version}, or name another data folder",
        data.display()
    )]
    OtherVersion {
        /// The cluster folder.
        data: PathBuf,
        /// What its `PG_VERSION` says.
        version: String,
        /// What was found, for a person to read.
        found: String,
    },
    /// `SourceChoice::Bundled` where there is none.
    #[error("no PostgreSQL comes along for {target}. {INSTALL}")]
    NotBundled {
        /// The target this was compiled for.
        target: &'static str,
    },
    /// The bundled programs are a third party's build: they never listen on the network.
    #[error(
        "the PostgreSQL that comes along listens on a unix socket only, and a TCP port was asked for. Install \
         PostgreSQL, or do without the port"
    )]
    BundledOverTcp,
    /// A folder with something else in it.
    #[error(
        "{} is not empty and holds no PostgreSQL cluster; nothing in it was changed. Name another data folder, or \
         empty this one",
        data.display()
    )]
    NotACluster {
        /// The folder.
        data: PathBuf,
    },
    /// Another postmaster has it.
    #[error(
        "the data in {} are in use by a running PostgreSQL, process {pid}. Stop the program that started it, or end it \
         with: kill -INT {pid}",
        data.display()
    )]
    InUse {
        /// The cluster folder.
        data: PathBuf,
        /// The postmaster.
        pid: i32,
    },
    /// Root may not run PostgreSQL, and the user it would become cannot reach the data.
    #[error(
        "PostgreSQL refuses to run as root, this machine allows no user namespaces, and user {user} cannot reach \
         {}. Run this as an ordinary user, or name a data folder whose parents are open to all, such as {}",
        data.display(), crate::environment::open_folder().join("data").display()
    )]
    OutOfReach {
        /// The cluster folder.
        data: PathBuf,
        /// The user PostgreSQL would have run as.
        user: String,
    },
    /// Only Linux has a way.
    #[error("PostgreSQL refuses to run as root: run this as an ordinary user")]
    Root,
    /// The program has not wired the helper.
    #[error(
        "{} started no PostgreSQL: its main must call dev_postgres::maybe_run_as_helper() before anything else, or \
         Settings::launcher name a program that does",
        launcher.display()
    )]
    Launcher {
        /// The program that was to become PostgreSQL.
        launcher: PathBuf,
    },
    /// Another program listens there.
    #[error("port {port} on 127.0.0.1 is taken by another program. Choose another port, or stop that program")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// `initdb` said no.
    #[error("initdb could not make a PostgreSQL cluster in {}{}. It said:\n{said}", data.display(), advice(said))]
    Initdb {
        /// The cluster folder.
        data: PathBuf,
        /// Its output.
        said: String,
    },
    /// `postgres` ended before it was ready.
    #[error("PostgreSQL did not start on {}{}. It said:\n{said}\n(all of it: {})", data.display(), advice(said), log.display())]
    Start {
        /// The cluster folder.
        data: PathBuf,
        /// Where its output lies.
        log: PathBuf,
        /// The end of its output.
        said: String,
    },
    /// `postgres` runs and runs.
    #[error("PostgreSQL on {} was not ready after {seconds} s and was stopped; see {}", data.display(), log.display())]
    Slow {
        /// The cluster folder.
        data: PathBuf,
        /// Where its output lies.
        log: PathBuf,
        /// How long we waited.
        seconds: u64,
    },
    /// It had to be killed; the next start recovers.
    #[error("PostgreSQL (process {pid}) did not stop when asked and was killed; the next start recovers what it left")]
    Killed {
        /// The postmaster.
        pid: i32,
    },
    /// The operating system refused something.
    #[error("could not {doing} {}: {cause}{}", path.display(), kind_advice(cause))]
    Io {
        /// A verb: `read`, `make the folder`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl Error {
    /// For `map_err`: `fs::read(path).map_err(Error::io("read", path))`.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Io { doing, path, cause }
    }
}

const INSTALL: &str = "Install PostgreSQL (Debian, Ubuntu: apt install postgresql; Fedora: dnf install \
                       postgresql-server; macOS: brew install postgresql@17), or set DATABASE_URL to a server you have";

/// PostgreSQL's own words are exact but assume an administrator: for the usual troubles, what to do.
fn advice(said: &str) -> &'static str {
    const KNOWN: [(&str, &str); 5] = [
        ("No space left on device", ": the disk is full, free some space"),
        ("could not access file", ": an extension these data use is missing, install it or start with an empty folder"),
        ("Permission denied", ": a file or a folder above it may not be read or written by you, choose another folder"),
        ("GLIBC_", ": the PostgreSQL that comes along needs glibc 2.34 or later, install your system's own"),
        ("could not create shared memory", ": the system's shared memory is used up"),
    ];
    KNOWN.iter().find(|(words, _)| said.contains(words)).map_or("", |(_, advice)| advice)
}

fn kind_advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => ". Choose a folder you may write to, or correct its owner",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ". The disk is full: free some space",
        io::ErrorKind::ReadOnlyFilesystem => ". Choose a folder on a file system that can be written to",
        io::ErrorKind::NotADirectory => ". A part of this path is a file, not a folder",
        _ => "",
    }
}
