//! A temporary folder that goes away with us, together with the servers that work in it, however we end.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;

use crate::Error;

/// Waits until its input ends, which is when we do. If the folder is still there, we had no time to clean up: then it
/// kills the groups it was told, gives PostgreSQL (which ends by itself) a moment, and removes what they left.
const GUARD: &str = r#"
while read -r word group; do
    case $word in
        watch) groups="$groups $group" ;;
        forget)
            rest=
            for one in $groups; do [ "$one" = "$group" ] || rest="$rest $one"; done
            groups=$rest ;;
        keep) keep=1 ;;
    esac
done
[ -d "$1" ] || exit 0
for group in $groups; do kill -s KILL -- "-$group"; done
[ -z "$keep" ] || exit 0
sleep 2
rm -rf -- "$(readlink "$1/postgres/socket")" "$1"
"#;

/// The folder, and a small process that sees to it should we be killed.
pub struct Scratch {
    folder: Option<TempDir>,
    guard: Guard,
    process: Child,
}

impl Scratch {
    /// A new folder whose name begins with `prefix`. A PostgreSQL in it belongs into `postgres`.
    ///
    /// # Errors
    /// The folder cannot be made, or there is no `sh`.
    pub fn new(prefix: &str) -> Result<Self, Error> {
        let folder =
            tempfile::Builder::new().prefix(prefix).tempdir().map_err(Error::io("making a temporary folder"))?;
        let mut command = Command::new("sh");
        command.args(["-c", GUARD]).arg(format!("{prefix}guard")).arg(folder.path());
        // A group of its own: Ctrl-C must not end it before us.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut process = command.spawn().map_err(Error::io("running sh"))?;
        let guard = Guard { input: Arc::new(Mutex::new(process.stdin.take())) };
        Ok(Self { folder: Some(folder), guard, process })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new("/nonexistent"), TempDir::path)
    }

    /// For whoever starts processes that work in it.
    pub fn guard(&self) -> Guard {
        self.guard.clone()
    }

    /// Leaves the folder where it is when this is dropped.
    pub fn keep(&mut self) -> PathBuf {
        let kept = self.path().to_owned();
        if let Some(folder) = self.folder.as_mut() {
            folder.disable_cleanup(true);
        }
        // Should it not be told, it removes what nobody will look at then anyhow.
        _ = self.guard.tell(format_args!("keep -"));
        kept
    }

    /// What the system does when this process is killed: the guard is on its own. For tests.
    pub fn abandon(mut self) {
        if let Some(folder) = self.folder.as_mut() {
            folder.disable_cleanup(true);
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.folder.take());
        drop(self.guard.input.lock().unwrap_or_else(PoisonError::into_inner).take());
        _ = self.process.wait();
    }
}

/// Told of process groups, it has them killed should this process be.
#[derive(Clone)]
pub struct Guard {
    input: Arc<Mutex<Option<ChildStdin>>>,
}

impl Guard {
    /// Has this process group killed should we be.
    ///
    /// # Errors
    /// The guard is gone.
    pub fn watch(&self, group: u32) -> Result<(), Error> {
        self.tell(format_args!("watch {group}"))
    }

    /// The group has ended: its number may go to somebody else.
    ///
    /// # Errors
    /// The guard is gone.
    pub fn forget(&self, group: u32) -> Result<(), Error> {
        self.tell(format_args!("forget {group}"))
    }

    fn tell(&self, what: std::fmt::Arguments) -> Result<(), Error> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        // Without input the folder is gone, and with it all that was to be guarded.
        let Some(input) = input.as_mut() else { return Ok(()) };
        // One write: a line is told as a whole or not at all.
        input.write_all(format!("{what}\n").as_bytes()).map_err(Error::io("telling the guard"))
    }
}
