//! The durable log: append-only JSON lines, on the disk before anybody hears of them. One thread writes; entries that
//! arrive while it waits for the disk go with the next wait, so that many charges share one.

use crate::entry::Entry;
use anyhow::{Context, bail, ensure};
use std::{
    fs::{File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    sync::mpsc,
    time::Duration,
};
use tokio::sync::watch;

pub(crate) struct Journal {
    queue: mpsc::Sender<Vec<u8>>,
    appended: u64,
    durable: watch::Receiver<u64>,
}

/// Up to where the log must be on the disk before an answer may be given.
pub(crate) struct Position {
    number: u64,
    durable: watch::Receiver<u64>,
}

/// The log can no longer be written: its disk is full or gone.
#[derive(Debug)]
pub(crate) struct LogBroken;

impl Journal {
    pub(crate) fn append(&mut self, entry: &Entry) {
        let mut line = serde_json::to_vec(entry).unwrap_or_default();
        line.push(b'\n');
        self.appended += 1;
        // Fails only when the writer gave up; who waits for the position learns of it.
        let _ = self.queue.send(line);
    }

    pub(crate) fn position(&self) -> Position {
        Position { number: self.appended, durable: self.durable.clone() }
    }
}

impl Position {
    /// Waits until all up to here is on the disk.
    pub(crate) async fn on_disk(mut self) -> Result<(), LogBroken> {
        self.durable.wait_for(|number| *number >= self.number).await.map(|_| ()).map_err(|_| LogBroken)
    }
}

/// How often a log that another simulator has is asked for, 100 ms apart: after a stop it may be about to go.
const TRIES: u32 = 50;

/// Keeps a second simulator from the same log: each would write over the other's lines, and charge what the other has
/// charged. Held until it is dropped.
pub(crate) async fn claim(path: &Path) -> anyhow::Result<File> {
    let shown = path.display();
    let claimed = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let claimed = claimed.with_context(|| format!("opening the provider's log {shown}"))?;
    for _ in 0..TRIES {
        match claimed.try_lock() {
            Ok(()) => return Ok(claimed),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(TryLockError::Error(cause)) => {
                return Err(cause).with_context(|| format!("locking the provider's log {shown}"));
            }
        }
    }
    bail!(
        "another simulator of the payment provider writes {shown} (`ecom up` has one of its own): stop it, or give this one \
         a folder of its own with --data"
    )
}

/// Opens the log and reads what it holds.
pub(crate) fn open(path: &Path) -> anyhow::Result<(Vec<Entry>, Journal)> {
    let shown = path.display();
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.as_mut().map_err(|cause| anyhow::anyhow!("opening the provider's log {shown}: {cause}"))?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        // An older version left it open to everybody.
        file.set_permissions(Permissions::from_mode(0o600)).with_context(|| format!("closing {shown} to others"))?;
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).with_context(|| format!("reading the provider's log {shown}"))?;
    // A line without its end was being written when the process died: nobody was told of it.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < bytes.len() {
        tracing::warn!(bytes = bytes.len() - whole, "the provider's log ends in a torn line, which is dropped");
        file.set_len(whole as u64)?;
        file.sync_all()?;
    }
    let entries = parse(&bytes[..whole]).with_context(|| format!("the provider's log {shown} is damaged"))?;
    file.seek(SeekFrom::End(0))?;
    let mut file = file.try_clone()?;
    let (queue, lines) = mpsc::channel();
    let (report, durable) = watch::channel(0);
    let to_disk = move |batch: &[u8]| file.write_all(batch).and_then(|()| file.sync_data());
    std::thread::Builder::new().name("provider-log".to_owned()).spawn(move || write(to_disk, &lines, &report))?;
    Ok((entries, Journal { queue, appended: 0, durable }))
}

fn parse(bytes: &[u8]) -> anyhow::Result<Vec<Entry>> {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let read = lines.map(|(index, line)| {
        serde_json::from_slice(line).with_context(|| format!("line {} is none of ours: move the file away", index + 1))
    });
    let entries: Vec<Entry> = read.collect::<anyhow::Result<_>>()?;
    ensure!(entries.len() <= u32::MAX as usize, "it holds more entries than can be numbered");
    Ok(entries)
}

/// Whatever came while the disk was waited for goes with the next wait. Nobody is told before it is over.
fn write(
    mut to_disk: impl FnMut(&[u8]) -> io::Result<()>,
    lines: &mpsc::Receiver<Vec<u8>>,
    report: &watch::Sender<u64>,
) {
    let mut written = 0;
    while let Ok(mut batch) = lines.recv() {
        written += 1;
        for line in lines.try_iter() {
            batch.extend(line);
            written += 1;
        }
        if let Err(cause) = to_disk(&batch) {
            tracing::error!(%cause, "the provider's log cannot be written: no charge is answered any more; restart it");
            return;
        }
        report.send_replace(written);
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, open, write};
    use crate::entry::{Abandoned, Entry};
    use std::{fs, io, os::unix::fs::PermissionsExt, path::Path, sync::mpsc};
    use time::OffsetDateTime;
    use tokio::sync::watch;

    fn entry(key: &str) -> Entry {
        Entry::Abandoned(Abandoned { key: key.to_owned(), at: OffsetDateTime::UNIX_EPOCH })
    }

    #[tokio::test]
    async fn many_entries_share_one_wait_for_the_disk_and_none_is_told_before_it() {
        let (queue, lines) = mpsc::channel::<Vec<u8>>();
        let (report, durable) = watch::channel(0);
        let (asked, begun) = mpsc::channel();
        let (done, answers) = mpsc::channel();
        let disk = std::thread::spawn(move || {
            let to_disk = |batch: &[u8]| {
                asked.send(batch.len()).map_err(io::Error::other)?;
                answers.recv().map_err(io::Error::other)?
            };
            write(to_disk, &lines, &report);
        });
        queue.send(vec![b'1']).unwrap();
        assert_eq!(begun.recv().unwrap(), 1);
        // The disk is waited for.
        for _ in 0..500 {
            queue.send(vec![b'2']).unwrap();
        }
        assert_eq!(*durable.borrow(), 0, "told before it was on the disk");
        done.send(Ok(())).unwrap();
        Position { number: 1, durable: durable.clone() }.on_disk().await.unwrap();
        assert_eq!(begun.recv().unwrap(), 500, "all that came meanwhile");
        assert_eq!(*durable.borrow(), 1);
        done.send(Err(io::Error::other("full"))).unwrap();
        disk.join().unwrap();
        assert!(Position { number: 501, durable }.on_disk().await.is_err(), "never told");
    }

    #[tokio::test]
    async fn a_torn_last_line_is_dropped_and_what_is_written_next_stands_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let (_, mut journal) = open(&path).unwrap();
        journal.append(&entry("one"));
        journal.position().on_disk().await.unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend(br#"{"entry":"abandoned","key":"tw"#);
        fs::write(&path, bytes).unwrap();

        let (entries, mut journal) = open(&path).unwrap();
        assert_eq!(entries, [entry("one")]);
        journal.append(&entry("three"));
        journal.position().on_disk().await.unwrap();
        assert_eq!(open(&path).unwrap().0, [entry("one"), entry("three")]);
    }

    #[test]
    fn the_log_is_for_its_user_alone_also_one_that_was_open_before() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (fresh, older) = (folder.path().join("fresh"), folder.path().join("older"));
        fs::write(&older, "").unwrap();
        fs::set_permissions(&older, fs::Permissions::from_mode(0o666)).unwrap();
        for log in [&fresh, &older] {
            open(log).unwrap();
            assert_eq!(mode(log), 0o600);
        }
    }

    #[test]
    fn a_log_damaged_in_the_middle_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "not ours\n{\"entry\":\"abandoned\",\"key\":\"k\",\"at\":\"1970-01-01T00:00:00Z\"}\n")
            .unwrap();
        let message = format!("{:#}", open(&path).err().unwrap());
        assert!(message.contains("line 1"), "{message}");
    }
}
