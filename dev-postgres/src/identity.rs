//! As whom PostgreSQL runs. It refuses to be root, so a root becomes somebody else, in one of two ways:
//! in a user namespace, where its own files seem to belong to an ordinary user; or, where the machine forbids that (as
//! most containers do), as a real other user, who then must be able to reach all files.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User, geteuid};

use crate::{Error, environment, launcher};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Identity {
    Myself,
    Namespace { uid: u32, gid: u32 },
    Other { uid: u32, gid: u32 },
}

/// Starts programs as the right user.
#[derive(Debug)]
pub(crate) struct Starter {
    launcher: PathBuf,
    identity: Identity,
}

impl Starter {
    /// `existing` is a cluster, whose owner then decides.
    pub(crate) fn new(launcher: PathBuf, existing: Option<&Path>) -> Result<Self, Error> {
        let mut starter = Self { launcher, identity: Identity::Myself };
        if !environment::is_root() {
            return Ok(starter);
        }
        if !cfg!(target_os = "linux") {
            return Err(Error::Root);
        }
        if let Some(data) = existing {
            let owner = fs::metadata(data).map_err(Error::io("read", data))?;
            if owner.uid() != geteuid().as_raw() {
                starter.identity = Identity::Other { uid: owner.uid(), gid: owner.gid() };
                return Ok(starter);
            }
        }
        let (uid, gid) = ordinary_user();
        starter.identity = Identity::Namespace { uid, gid };
        if !starter.can_start() {
            starter.identity = Identity::Other { uid, gid };
        }
        Ok(starter)
    }

    /// What to say when the helper does not do what a helper does.
    pub(crate) fn no_helper(&self) -> Error {
        let launcher = fs::canonicalize(&self.launcher).unwrap_or_else(|_| self.launcher.clone());
        Error::Launcher { launcher }
    }

    pub(crate) fn is_another_user(&self) -> bool {
        matches!(self.identity, Identity::Other { .. })
    }

    /// The program, to be run as the right user, and to end when the thread that spawns it ends.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = if cfg!(target_os = "linux") {
            let mut command = self.helper();
            command.arg(program);
            command
        } else {
            Command::new(program)
        };
        // English messages, which `error.rs` knows; no settings of the caller's own PostgreSQL; times in UTC.
        command.env("LC_ALL", "C").env("TZ", "UTC");
        for name in ["PGDATA", "PGPORT", "PGOPTIONS", "PGTZ", "PGDATESTYLE", "PGCLIENTENCODING"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    fn helper(&self) -> Command {
        let identity = match self.identity {
            Identity::Myself => launcher::MYSELF.to_owned(),
            Identity::Namespace { uid, gid } => format!("{}:{uid}:{gid}", launcher::NAMESPACE),
            Identity::Other { uid, gid } => format!("{}:{uid}:{gid}", launcher::OTHER),
        };
        let mut command = Command::new(&self.launcher);
        command.args([launcher::HELPER, &identity, &std::process::id().to_string()]);
        command
    }

    /// Gives a new folder to the user who will work in it.
    pub(crate) fn give(&self, folder: &Path) -> Result<(), Error> {
        match self.identity {
            Identity::Other { uid, gid } => chown(folder, Some(uid), Some(gid)).map_err(Error::io("give away", folder)),
            Identity::Myself | Identity::Namespace { .. } => Ok(()),
        }
    }

    /// Whether the user can get at what will lie in this folder.
    pub(crate) fn reaches(&self, folder: &Path) -> bool {
        let Identity::Other { uid, .. } = self.identity else { return true };
        folder
            .ancestors()
            .all(|ancestor| fs::metadata(ancestor).is_ok_and(|found| found.mode() & 0o001 != 0 || found.uid() == uid))
    }

    pub(crate) fn unreachable(&self, data: &Path) -> Error {
        let user = match self.identity {
            Identity::Other { uid, .. } | Identity::Namespace { uid, .. } => uid,
            Identity::Myself => geteuid().as_raw(),
        };
        let name = User::from_uid(Uid::from_raw(user)).ok().flatten().map_or(user.to_string(), |user| user.name);
        Error::OutOfReach { data: data.to_owned(), user: name }
    }

    /// Whether the machine lets us be that, found out by a helper that then does nothing.
    fn can_start(&self) -> bool {
        self.helper().stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }
}

/// A folder all users can pass through; ours, or somebody could swap what lies in it.
pub(crate) fn make_open_folder() -> Result<PathBuf, Error> {
    let folder = environment::open_folder();
    match fs::DirBuilder::new().mode(0o755).create(&folder) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(Error::io("make the folder", &folder)(e));
        }
        _ => {}
    }
    let found = fs::symlink_metadata(&folder).map_err(Error::io("read", &folder))?;
    if found.is_dir() && found.uid() == geteuid().as_raw() && found.mode() & 0o022 == 0 {
        Ok(folder)
    } else {
        let others = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "it is not ours alone to write");
        Err(Error::io("use the folder", &folder)(others))
    }
}

/// `initdb` looks its user up by number, so it must be one that exists.
fn ordinary_user() -> (u32, u32) {
    let known = ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten());
    known.map_or((65534, 65534), |user| (user.uid.as_raw(), user.gid.as_raw()))
}
