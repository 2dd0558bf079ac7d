//! A temporary folder that goes away with us, together with the servers that work in it, however we end.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// Waits until its input ends, which is when we do. If the folder is still there, we had no time to clean up: then it
/// kills the groups it was told, gives PostgreSQL (which ends by itself) a moment, and removes what they left.
const GUARD: &str = r#"
while read -r group; do groups="$groups $group"; done
[ -d "$1" ] || exit 0
for group in $groups; do kill -s KILL -- "-$group"; done
sleep 2
rm -rf -- "$(readlink "$1/postgres/socket")" "$1"
"#;

/// The folder, and a small process that sees to it should we be killed.
pub(crate) struct Folder {
    folder: Option<TempDir>,
    guard: Child,
}

impl Folder {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("ecom-xtask-").tempdir().context("making a temporary folder")?;
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "ecom-xtask-guard"]).arg(folder.path());
        // A group of its own: Ctrl-C must not end it before us.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let guard = command.spawn().context("running sh")?;
        Ok(Self { folder: Some(folder), guard })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new("/nonexistent"), TempDir::path)
    }

    /// Has this process group killed should we be.
    pub(crate) fn guard(&mut self, group: u32) -> Result<()> {
        let input = self.guard.stdin.as_mut().context("the guard has no input")?;
        writeln!(input, "{group}").context("telling the guard")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.folder.take());
        drop(self.guard.stdin.take());
        _ = self.guard.wait();
    }
}
