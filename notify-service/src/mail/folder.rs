//! A folder of mails, for development: one `.eml` file each, named by its delivery.

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};
use tokio::fs;
use uuid::Uuid;

/// So many mails stay; the oldest go.
const KEEP: usize = 1000;
/// The folder is looked through once per so many mails.
const LOOK_EVERY: usize = 100;

pub(crate) struct Folder {
    path: PathBuf,
    kept: AtomicUsize,
}

impl Folder {
    pub(crate) async fn open(path: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&path).await?;
        Ok(Self { path, kept: AtomicUsize::new(0) })
    }

    pub(crate) async fn keep(&self, id: Uuid, mail: &[u8]) -> io::Result<()> {
        // Under its name only when it is whole: a reader sees all of it or nothing.
        let unfinished = self.path.join(format!("{id}.part"));
        fs::write(&unfinished, mail).await?;
        fs::rename(&unfinished, file(&self.path, id)).await?;
        if self.kept.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_EVERY) {
            self.prune().await?;
        }
        Ok(())
    }

    async fn prune(&self) -> io::Result<()> {
        for id in names(&self.path).await?.into_iter().skip(KEEP) {
            match fs::remove_file(file(&self.path, id)).await {
                // Another instance was faster.
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
        }
        Ok(())
    }
}

/// The file of a mail. An id names nothing outside the folder.
pub(crate) fn file(folder: &Path, id: Uuid) -> PathBuf {
    folder.join(format!("{id}.eml"))
}

/// The mails in the folder, newest first: their names begin with their time (UUID version 7).
pub(crate) async fn names(folder: &Path) -> io::Result<Vec<Uuid>> {
    let mut entries = match fs::read_dir(folder).await {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(cause),
    };
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".eml")).and_then(|stem| Uuid::parse_str(stem).ok());
        names.extend(id);
    }
    names.sort_unstable_by(|left, right| right.cmp(left));
    Ok(names)
}
