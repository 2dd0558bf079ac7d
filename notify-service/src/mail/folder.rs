//! A folder of mails, for development: one `.eml` file each, named by its delivery.

use std::{
    fs::Permissions,
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};
use tokio::{fs, io::AsyncWriteExt};
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
        // Mails hold links that open accounts: for this user alone.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).await?;
        close_older(&path).await?;
        Ok(Self { path, kept: AtomicUsize::new(0) })
    }

    pub(crate) async fn keep(&self, id: Uuid, mail: &[u8]) -> io::Result<()> {
        // Under its name only when it is whole: a reader sees all of it or nothing.
        let unfinished = self.part(id);
        let mut options = fs::OpenOptions::new();
        let mut part = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished).await?;
        part.write_all(mail).await?;
        part.flush().await?;
        fs::rename(&unfinished, file(&self.path, id)).await?;
        if self.kept.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_EVERY) {
            self.prune().await?;
        }
        Ok(())
    }

    async fn prune(&self) -> io::Result<()> {
        let oldest: Vec<_> = names(&self.path).await?.into_iter().skip(KEEP).collect();
        self.forget(&oldest).await
    }

    pub(crate) async fn forget(&self, ids: &[Uuid]) -> io::Result<()> {
        for id in ids {
            // Of a mail that was being written when its service died there is a part.
            for path in [file(&self.path, *id), self.part(*id)] {
                match fs::remove_file(path).await {
                    // It never was, or another instance was faster.
                    Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                    removed => removed?,
                }
            }
        }
        Ok(())
    }

    fn part(&self, id: Uuid) -> PathBuf {
        self.path.join(format!("{id}.part"))
    }
}

/// Mails of an older version, which were readable by everybody. The folder's own mode is left to who made it.
async fn close_older(folder: &Path) -> io::Result<()> {
    for id in names(folder).await? {
        let mail = file(folder, id);
        let open = fs::symlink_metadata(&mail).await.is_ok_and(|found| found.is_file() && found.mode() & 0o077 != 0);
        if open {
            fs::set_permissions(&mail, Permissions::from_mode(0o600)).await?;
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::{Folder, file};
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt,
        path::Path,
    };
    use uuid::Uuid;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn mails_are_for_their_user_alone_and_older_ones_are_closed() {
        let home = tempfile::tempdir().unwrap();
        let (path, older) = (home.path().join("data/mails"), Uuid::from_u128(1));
        Folder::open(path.clone()).await.unwrap();
        assert_eq!((mode(&home.path().join("data")), mode(&path)), (0o700, 0o700));
        fs::write(file(&path, older), "an old link").unwrap();
        fs::set_permissions(file(&path, older), Permissions::from_mode(0o644)).unwrap();
        let folder = Folder::open(path.clone()).await.unwrap();
        assert_eq!(mode(&file(&path, older)), 0o600);
        let (id, mail) = (Uuid::from_u128(2), b"a link");
        folder.keep(id, mail).await.unwrap();
        assert_eq!(mode(&file(&path, id)), 0o600);
        assert_eq!(fs::read(file(&path, id)).unwrap(), mail);
    }
}
