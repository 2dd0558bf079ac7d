//! The folder that outlives a run: `./.ecom` or `ECOM_DATA`. One `ecom up` at a time, and never in a folder of others.

use anyhow::{Context, bail};
use service_kit::{Env, standalone::RunFile};
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

/// Marks the folder as ours.
const MARKER: &str = "ecom-data";
const MARKER_TEXT: &str = "This folder holds the data of Ecom-Micro. Delete it as a whole to start over.\n";

pub(crate) struct DataFolder {
    path: PathBuf,
    /// Held as long as the platform runs.
    _lock: File,
}

impl DataFolder {
    /// Makes the folder, or finds it again.
    ///
    /// # Errors
    /// It is a foreign folder, may not be written, or another `ecom up` has it.
    pub(crate) fn open(env: &Env) -> anyhow::Result<Self> {
        let path = PathBuf::from(env.text("ECOM_DATA")?.unwrap_or_else(|| "./.ecom".to_owned()));
        let shown = path.display().to_string();
        if path.exists() && !path.is_dir() {
            bail!(
                "{shown} is a file, but the data folder is wanted there: move it, or name another folder in ECOM_DATA"
            );
        }
        let why = || format!("the data folder {shown} cannot be written: give this user the right, or set ECOM_DATA");
        fs::create_dir_all(&path).with_context(why)?;
        let marker = path.join(MARKER);
        if !marker.exists() {
            if fs::read_dir(&path).with_context(why)?.next().is_some() {
                bail!(
                    "{shown} holds files that are not Ecom-Micro's: nothing was touched. Name another folder in ECOM_DATA"
                );
            }
            fs::write(&marker, MARKER_TEXT).with_context(why)?;
        }
        let path = path.canonicalize().with_context(why)?;
        let lock =
            File::options().create(true).write(true).truncate(false).open(path.join("lock")).with_context(why)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another `ecom up` runs on {shown}: stop it, or give this one a folder of its own with ECOM_DATA")
            }
            Err(TryLockError::Error(cause)) => Err(cause).with_context(why),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.path.join("postgres")
    }

    /// Tells services of their own processes, and commands, how to work beside this platform.
    pub(crate) fn write_run_file(&self, run: &RunFile) -> anyhow::Result<()> {
        // It holds database URLs, perhaps with passwords: for this user only.
        let (path, fresh) = (self.path.join(RunFile::NAME), self.path.join("run.json.new"));
        fs::write(&fresh, serde_json::to_vec_pretty(run)?)?;
        #[cfg(unix)]
        fs::set_permissions(&fresh, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(fs::rename(fresh, path)?)
    }

    pub(crate) fn remove_run_file(&self) {
        // A file that stays is noticed by its readers: nobody answers at its addresses.
        let _ = fs::remove_file(self.path.join(RunFile::NAME));
    }
}
