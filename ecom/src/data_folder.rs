//! The folder that outlives a run: `./.ecom` or `ECOM_DATA`. One `ecom up` at a time, and never in a folder of others.
//! What lies in it (mails with links, database URLs, keys, orders) is this user's alone: all is made closed to others,
//! whatever the umask, and what an older version left open is closed at the start.

use anyhow::{Context, anyhow, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use service_kit::{Env, ambient, standalone::RunFile};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Marks the folder as ours.
const MARKER: &str = "ecom-data";
/// Of folders and of files: for this user alone.
const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;
/// Others may pass through, and neither list nor read.
const PASSAGE: u32 = 0o711;
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
        DirBuilder::new().recursive(true).mode(FOLDER).create(&path).with_context(why)?;
        let marker = path.join(MARKER);
        if !marker.exists() {
            if fs::read_dir(&path).with_context(why)?.next().is_some() {
                bail!(
                    "{shown} holds files that are not Ecom-Micro's: nothing was touched. Name another folder in ECOM_DATA"
                );
            }
            let made = private(OpenOptions::new().write(true).create_new(true)).open(&marker);
            made.and_then(|mut file| file.write_all(MARKER_TEXT.as_bytes())).with_context(why)?;
        }
        let path = path.canonicalize().with_context(why)?;
        let lock = private(OpenOptions::new().create(true).write(true).truncate(false)).open(path.join("lock"));
        let lock = lock.with_context(why)?;
        match lock.try_lock() {
            Ok(()) => {
                close_to_others(&path).with_context(why)?;
                Ok(Self { path, _lock: lock })
            }
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
        // It holds database URLs, perhaps with passwords, and a key.
        Ok(self.write(RunFile::NAME, &serde_json::to_vec_pretty(run)?)?)
    }

    /// The file of a key of our own, 32 bytes in base64: made where there is none.
    pub(crate) fn key(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.path.join(name);
        // A link that leads nowhere is there as well: its key is somewhere else.
        if fs::symlink_metadata(&path).is_err_and(|cause| cause.kind() == io::ErrorKind::NotFound) {
            let bytes: [u8; 32] = ambient::random_bytes().map_err(|_| anyhow!("no randomness for {name}"))?;
            let made = self.write(name, STANDARD.encode(bytes).as_bytes());
            // Else a power cut might take it, and leave what was sealed by it.
            let kept = made.and_then(|()| File::open(&self.path)?.sync_all());
            kept.with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(path)
    }

    /// Whole or not at all, and closed to others from its first moment on.
    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let (path, fresh) = (self.path.join(name), self.path.join(format!("{name}.new")));
        // One that a killed run left might be open to others.
        match fs::remove_file(&fresh) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&fresh)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(fresh, path)
    }

    pub(crate) fn remove_run_file(&self) {
        // A file that stays is noticed by its readers: nobody answers at its addresses.
        let _ = fs::remove_file(self.path.join(RunFile::NAME));
    }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(FILE)
}

/// Closes what an older version left open. PostgreSQL keeps its own folder closed, and refuses one that is not.
fn close_to_others(folder: &Path) -> io::Result<()> {
    let own = fs::metadata(folder)?.uid();
    // As root, PostgreSQL may run as another user, who has to come through to a cluster that lies here.
    let passage = fs::symlink_metadata(folder.join("postgres")).is_ok_and(|found| found.is_dir() && found.uid() != own);
    set_mode(folder, if passage { PASSAGE } else { FOLDER })?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != "postgres" {
            close(&entry.path())?;
        }
    }
    Ok(())
}

/// A file, or a folder with all that is in it. What a link leads to is not ours to change.
fn close(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        // A service beside us may be at work in its own part.
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if found.is_dir() {
        set_mode(path, FOLDER)?;
        fs::read_dir(path)?.try_for_each(|entry| close(&entry?.path()))
    } else if found.is_file() {
        set_mode(path, FILE)
    } else {
        Ok(())
    }
}

/// Changes nothing that is right already: a folder may be another user's who closed it so.
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.mode() & 0o7777 == mode => Ok(()),
        Ok(_) => fs::set_permissions(path, Permissions::from_mode(mode)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::{DataFolder, FILE, FOLDER, PASSAGE, STANDARD};
    use base64::Engine;
    use service_kit::Env;
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
        path::Path,
    };

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o7777
    }

    fn opened(path: &Path) -> DataFolder {
        DataFolder::open(&Env::of([("ECOM_DATA", path.to_str().unwrap())])).unwrap()
    }

    #[test]
    fn what_an_older_version_left_open_is_closed_and_what_a_link_leads_to_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (data, elsewhere) = (folder.path().join("data"), folder.path().join("elsewhere"));
        for path in [&data, &data.join("mails"), &data.join("provider"), &data.join("mails/older"), &elsewhere] {
            fs::create_dir(path).unwrap();
            fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
        }
        let files = ["ecom-data", "lock", "mails/one.eml", "mails/older/two.eml", "provider/provider.jsonl"];
        for file in files.map(|file| data.join(file)).iter().chain([&elsewhere.join("theirs")]) {
            fs::write(file, "").unwrap();
            fs::set_permissions(file, Permissions::from_mode(0o666)).unwrap();
        }
        symlink(&elsewhere, data.join("postgres")).unwrap();
        symlink(elsewhere.join("theirs"), data.join("mails/theirs")).unwrap();
        let _open = opened(&data);
        for closed in ["", "mails", "mails/older", "provider"] {
            assert_eq!(mode(&data.join(closed)), FOLDER, "{closed}");
        }
        for closed in files {
            assert_eq!(mode(&data.join(closed)), FILE, "{closed}");
        }
        assert_eq!((mode(&elsewhere), mode(&elsewhere.join("theirs"))), (0o777, 0o666));
    }

    #[test]
    fn a_key_is_this_users_alone_and_never_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let data = opened(folder.path());
        // What a killed run left.
        fs::write(folder.path().join("secrets-key.new"), "half").unwrap();
        let path = data.key("secrets-key").unwrap();
        let made = fs::read_to_string(&path).unwrap();
        assert_eq!((mode(&path), STANDARD.decode(&made).unwrap().len()), (FILE, 32));
        assert!(!folder.path().join("secrets-key.new").exists());
        assert_eq!(fs::read_to_string(data.key("secrets-key").unwrap()).unwrap(), made);
        assert_ne!(fs::read_to_string(data.key("web-cookie-key").unwrap()).unwrap(), made);
        // On a disk that is not there at the moment.
        symlink(folder.path().join("elsewhere"), folder.path().join("other-key")).unwrap();
        assert!(!data.key("other-key").unwrap().exists());
        assert!(fs::symlink_metadata(folder.path().join("other-key")).unwrap().is_symlink());
    }

    #[test]
    fn a_cluster_of_another_user_in_it_can_still_be_reached_and_nothing_else_be_listed() {
        let folder = tempfile::tempdir().unwrap();
        let cluster = folder.path().join("postgres");
        fs::create_dir(&cluster).unwrap();
        fs::write(folder.path().join("ecom-data"), "").unwrap();
        // Only root can give a folder away.
        if chown(&cluster, Some(65534), None).is_err() {
            return;
        }
        let _open = opened(folder.path());
        assert_eq!(mode(folder.path()), PASSAGE);
        assert_eq!(mode(&folder.path().join("ecom-data")), FILE);
    }
}
