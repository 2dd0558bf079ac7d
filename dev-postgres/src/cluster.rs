//! The cluster folder: what it is, whether somebody uses it, and how a new one is made.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::Error;
use crate::identity::{Starter, make_open_folder};
use crate::said::last_lines;

/// How long a server that is about to end may take before we call its data taken.
const LEAVING: Duration = Duration::from_secs(30);
/// A server whose program was just killed needs a moment to learn of it.
const LEARNING: Duration = Duration::from_secs(1);

/// The major version that made the cluster; `None` where there is nothing yet.
pub(crate) fn version(data: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(version) => return Ok(Some(version.trim().to_owned())),
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => return Err(Error::io("read", &data.join("PG_VERSION"))(e)),
    }
    match fs::read_dir(data).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(None),
        Ok(false) => Err(Error::NotACluster { data: data.to_owned() }),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("read the folder", data)(e)),
    }
}

/// What a server writes about itself into its cluster folder.
pub(crate) struct Postmaster {
    pub(crate) pid: i32,
    status: String,
}

impl Postmaster {
    /// `None` while there is no such file, or not all of it.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let line = |number: usize| text.lines().nth(number - 1).map(str::trim);
        Some(Self { pid: line(1)?.parse().ok()?, status: line(8).unwrap_or_default().to_owned() })
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.status == "ready"
    }

    /// A process with this number that really is a server on these data. After a crash or in a new container the number
    /// may have gone to anybody.
    fn is_alive(&self, data: &Path) -> bool {
        if kill(Pid::from_raw(self.pid), None) == Err(nix::Error::ESRCH) {
            return false;
        }
        let process = PathBuf::from(format!("/proc/{}", self.pid));
        if !process.exists() {
            return true; // no /proc here: believe it
        }
        // A postmaster works in its data folder. Where we may not look its name must do, unless it is dead and only
        // waits for a parent to notice (Z), which in many containers nobody does.
        match fs::read_link(process.join("cwd")) {
            Ok(folder) => folder == data,
            Err(_) => {
                let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
                stat.split_once('(').is_some_and(|(_, rest)| rest.starts_with("postgres") && !rest.contains(") Z "))
            }
        }
    }
}

/// Waits while another start is at it; over when the answer is dropped.
pub(crate) fn take_turn(data: &Path) -> Result<File, Error> {
    let folder = File::open(data).map_err(Error::io("open", data))?;
    folder.lock().map_err(Error::io("lock", data))?;
    Ok(folder)
}

/// Makes sure that nobody uses the cluster, and clears away what a crash left.
pub(crate) fn take_over(data: &Path) -> Result<(), Error> {
    let begun = Instant::now();
    while let Some(found) = Postmaster::read(data) {
        if !found.is_alive(data) {
            let file = data.join("postmaster.pid");
            fs::remove_file(&file).map_err(Error::io("remove", &file))?;
            break;
        }
        let bound = if found.status == "stopping" { LEAVING } else { LEARNING };
        if begun.elapsed() > bound {
            return Err(Error::InUse { data: data.to_owned(), pid: found.pid });
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Makes a cluster where there is none yet.
pub(crate) fn create(data: &Path, initdb: &Path, starter: &Starter) -> Result<(), Error> {
    let parent = data.parent().ok_or_else(|| Error::NotACluster { data: data.to_owned() })?;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(parent);
    made.map_err(Error::io("make the folder", parent))?;
    if !starter.reaches(parent) {
        return create_elsewhere(data, initdb, starter);
    }
    // Beside it and then renamed: a cluster is there as a whole or not at all, also when we are killed.
    let name = data.file_name().unwrap_or_default().to_string_lossy();
    let staging = tempfile::Builder::new()
        .prefix(&format!(".{name}-new-"))
        .tempdir_in(parent)
        .map_err(Error::io("write into the folder", parent))?;
    starter.give(staging.path())?;
    run_initdb(data, staging.path(), initdb, starter)?;
    match fs::rename(staging.path(), data) {
        Ok(()) => _ = staging.keep(),
        Err(_) if data.join("PG_VERSION").exists() => {} // another process was quicker, and theirs is as good
        Err(e) => return Err(Error::io("make the folder", data)(e)),
    }
    Ok(())
}

/// For a user who cannot reach the wanted folder: the cluster goes where all can pass, and a link stands here.
fn create_elsewhere(data: &Path, initdb: &Path, starter: &Starter) -> Result<(), Error> {
    let open = make_open_folder()?;
    if !starter.reaches(&open) {
        return Err(starter.unreachable(data));
    }
    let folder = tempfile::Builder::new()
        .prefix("cluster-")
        .tempdir_in(&open)
        .map_err(Error::io("write into the folder", &open))?;
    starter.give(folder.path())?;
    run_initdb(data, folder.path(), initdb, starter)?;
    // What stands there is an empty folder, or a link from before whose cluster is gone.
    let cleared = match fs::symlink_metadata(data) {
        Ok(found) if found.is_symlink() => fs::remove_file(data),
        Ok(_) => fs::remove_dir(data),
        Err(_) => Ok(()),
    };
    cleared.map_err(Error::io("replace", data))?;
    symlink(folder.path(), data).map_err(Error::io("make a link at", data))?;
    _ = folder.keep();
    Ok(())
}

fn run_initdb(data: &Path, folder: &Path, initdb: &Path, starter: &Starter) -> Result<(), Error> {
    // Bytes decide the order, on every machine alike and by index; Unicode decides what a letter is. Some systems do
    // not know that locale by this name.
    for letters in ["C.UTF-8", "C"] {
        let output = starter
            .command(initdb)
            .arg("-D")
            .arg(folder)
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "-N", "--locale=C"])
            .arg(format!("--lc-ctype={letters}"))
            // Ctrl-C in the terminal is for us, who then stop what comes of it.
            .process_group(0)
            .output()
            .map_err(Error::io("run", initdb))?;
        if output.status.success() {
            return if folder.join("PG_VERSION").exists() { Ok(()) } else { Err(starter.no_helper()) };
        }
        let said = words(&output);
        if letters == "C" || !said.contains("invalid locale") {
            return Err(Error::Initdb { data: data.to_owned(), said });
        }
    }
    Ok(())
}

fn words(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    last_lines(&String::from_utf8_lossy(&text))
}
