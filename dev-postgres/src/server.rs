//! A running server: its process, its socket, its end.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::cluster::Postmaster;
use crate::identity::Starter;
use crate::said::last_lines;
use crate::settings::{Durability, Listen, Settings};
use crate::source::Source;
use crate::{Error, environment, processes};

/// Recovery of a big cluster takes its time; a server that hangs should not take ours.
const TO_START: Duration = Duration::from_secs(120);
/// After load, the last checkpoint takes some seconds.
const TO_STOP: Duration = Duration::from_secs(6);
/// Without that checkpoint there is nothing to wait for.
const TO_DROP_ALL: Duration = Duration::from_secs(2);
/// A killed process only waits for the disk.
const TO_DIE: Duration = Duration::from_secs(5);
/// A log past this size is begun anew.
const LOG_BOUND: u64 = 8 << 20;
const SOCKET_PREFIX: &str = "ecom-pg-";
/// In the cluster folder: where the socket is.
const SOCKET_LINK: &str = "socket";

/// All that a start needs.
pub(crate) struct Plan {
    pub(crate) settings: Settings,
    pub(crate) source: Source,
    pub(crate) data: PathBuf,
    pub(crate) bin: PathBuf,
    pub(crate) starter: Starter,
}

/// A PostgreSQL that takes connections. Dropping it stops it.
#[derive(Debug)]
pub struct Running {
    source: Source,
    data: PathBuf,
    listen: Listen,
    socket: TempDir,
    pid: Pid,
    ended: Receiver<ExitStatus>,
    is_over: bool,
}

pub(crate) fn run(plan: Plan) -> Result<Running, Error> {
    let log = plan.data.join("server.log");
    let (file, begin) = open_log(&log)?;
    let socket = make_socket_folder(&plan.data)?;
    plan.starter.give(socket.path())?;

    let mut command = plan.starter.command(&plan.bin.join("postgres"));
    command.arg("-D").arg(&plan.data).arg("-k").arg(socket.path()).args(arguments(&plan.settings));
    command.stdout(file.try_clone().map_err(Error::io("write", &log))?).stderr(file);
    // A group of its own: Ctrl-C in the terminal is for us, who then stop it when our work is done.
    command.process_group(0);
    let (pid, ended) = spawn(command).map_err(Error::io("run", &plan.bin.join("postgres")))?;
    let mut running = Running {
        source: plan.source,
        data: plan.data,
        listen: plan.settings.listen,
        socket,
        pid,
        ended,
        is_over: false,
    };

    let begun = Instant::now();
    while begun.elapsed() < TO_START {
        if let Some(status) = running.wait(Duration::from_millis(5)) {
            return Err(why_it_ended(&running, status, log, begin, &plan.starter));
        }
        if Postmaster::read(&running.data).is_some_and(|found| found.pid == pid.as_raw() && found.is_ready()) {
            return Ok(running);
        }
    }
    Err(Error::Slow { data: running.data.clone(), log, seconds: TO_START.as_secs() })
}

fn arguments(settings: &Settings) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut set = |setting: String| arguments.extend(["-c".to_owned(), setting]);
    let address = if settings.listen == Listen::UnixSocket { "" } else { "127.0.0.1" };
    set(format!("listen_addresses={address}"));
    set(format!("port={}", port(settings.listen)));
    set(format!("max_connections={}", settings.max_connections));
    if settings.durability == Durability::Off {
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            set(format!("{setting}=off"));
        }
    }
    settings.options.iter().cloned().for_each(set);
    arguments
}

fn port(listen: Listen) -> u16 {
    match listen {
        Listen::UnixSocket => 5432, // only names the socket's file
        Listen::Tcp { port } => port,
    }
}

/// The server ends when the *thread* that spawned it ends (`PR_SET_PDEATHSIG`): so it gets one that lives as long as
/// itself, and that collects it when it is dead, or the next start would find a zombie holding its lock.
fn spawn(mut command: Command) -> std::io::Result<(Pid, Receiver<ExitStatus>)> {
    let (tell_started, started) = channel();
    let (tell_ended, ended) = channel();
    thread::Builder::new().name("postgres".to_owned()).spawn(move || match command.spawn() {
        Ok(mut child) => {
            _ = tell_started.send(Ok(child.id()));
            if let Ok(status) = child.wait() {
                _ = tell_ended.send(status);
            }
        }
        Err(e) => _ = tell_started.send(Err(e)),
    })?;
    let id = started.recv().map_err(std::io::Error::other)??;
    Ok((Pid::from_raw(id.try_into().map_err(std::io::Error::other)?), ended))
}

fn why_it_ended(running: &Running, status: ExitStatus, log: PathBuf, begin: u64, starter: &Starter) -> Error {
    // A server that nobody asked to end never ends well: this was some other program, or a test binary.
    if status.success() {
        return starter.no_helper();
    }
    let mut text = Vec::new();
    if let Ok(mut file) = File::open(&log)
        && file.seek(SeekFrom::Start(begin)).is_ok()
    {
        _ = file.read_to_end(&mut text);
    }
    let said = String::from_utf8_lossy(&text);
    match running.listen {
        Listen::Tcp { port } if said.contains("Address already in use") => Error::PortTaken { port },
        _ => Error::Start { data: running.data.clone(), log, said: last_lines(&said) },
    }
}

impl Running {
    /// For sqlx, libpq and most others; by the socket. The database must exist: `postgres` does.
    pub fn url(&self, database: &str) -> String {
        let (port, folder) = (port(self.listen), self.socket_dir().display());
        format!("postgres://postgres@localhost:{port}/{database}?host={folder}")
    }

    /// The same by TCP, where it listens there.
    pub fn tcp_url(&self, database: &str) -> Option<String> {
        match self.listen {
            Listen::UnixSocket => None,
            Listen::Tcp { port } => Some(format!("postgres://postgres@127.0.0.1:{port}/{database}")),
        }
    }

    /// Where the programs came from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The cluster folder, with links followed. The log in it is `server.log`.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The folder with the socket, for `psql -h`; the link `socket` in the cluster folder leads there too.
    pub fn socket_dir(&self) -> &Path {
        self.socket.path()
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// Whether the process still runs.
    pub fn is_alive(&mut self) -> bool {
        self.wait(Duration::ZERO).is_none() && !self.is_over
    }

    /// Ends all connections, writes everything down and ends the server, within about 8 seconds.
    ///
    /// # Errors
    /// [`Error::Killed`] when it did not end by itself. It is gone all the same.
    pub fn stop(mut self) -> Result<(), Error> {
        self.end(TO_STOP)
    }

    /// The same for who has this much time at the most: what is not written down by then, the next start makes up for.
    ///
    /// # Errors
    /// As [`Running::stop`].
    pub fn stop_within(mut self, time: Duration) -> Result<(), Error> {
        self.end(time.saturating_sub(TO_DROP_ALL).min(TO_STOP))
    }

    /// Ends it at once, as a power cut would: SIGKILL to the server and to every process that serves a connection.
    /// Returns when all of them are gone, so that [`start`](crate::start) can take the same data again.
    ///
    /// # Errors
    /// [`Error::Killed`] when one of them is still there after some seconds.
    pub fn kill(mut self) -> Result<(), Error> {
        let backends = processes::children(self.pid);
        _ = kill(self.pid, Signal::SIGKILL);
        self.wait(TO_DIE);
        for backend in &backends {
            _ = kill(*backend, Signal::SIGKILL);
        }
        let begun = Instant::now();
        // One that was born meanwhile ends by itself when it notices that its parent is gone; the shared memory, which
        // the next start looks for, tells when the last has.
        while let Some(left) = backends.iter().find(|backend| processes::is_alive(**backend)) {
            if begun.elapsed() > TO_DIE {
                return Err(Error::Killed { pid: left.as_raw() });
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// The first time it is over, how it ended; `None` after the given time.
    fn wait(&mut self, time: Duration) -> Option<ExitStatus> {
        match self.ended.recv_timeout(time) {
            Ok(status) => {
                self.is_over = true;
                Some(status)
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                self.is_over = true;
                None
            }
        }
    }

    fn end(&mut self, politely: Duration) -> Result<(), Error> {
        // First politely, then without the last checkpoint, which the next start makes up for.
        for (signal, time) in [(Signal::SIGINT, politely), (Signal::SIGQUIT, TO_DROP_ALL)] {
            if !self.is_alive() {
                return Ok(());
            }
            _ = kill(self.pid, signal);
            self.wait(time);
        }
        if !self.is_alive() {
            return Ok(());
        }
        _ = killpg(self.pid, Signal::SIGKILL);
        self.wait(TO_DROP_ALL);
        Err(Error::Killed { pid: self.pid.as_raw() })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.end(TO_STOP);
        _ = fs::remove_file(self.data.join(SOCKET_LINK));
    }
}

/// Appends, and says where this run's part begins.
fn open_log(path: &Path) -> Result<(File, u64), Error> {
    let length = fs::metadata(path).map_or(0, |found| found.len());
    if length > LOG_BOUND {
        fs::remove_file(path).map_err(Error::io("remove", path))?;
    }
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).mode(0o600).open(path).map_err(Error::io("write", path))?;
    Ok((file, if length > LOG_BOUND { 0 } else { length }))
}

/// Private, since whoever reaches the socket is let in, and short of path. A link in the cluster folder names it, so
/// that the next start can clear it away should we be killed.
fn make_socket_folder(data: &Path) -> Result<TempDir, Error> {
    let parent = environment::short_folder();
    let link = data.join(SOCKET_LINK);
    if let Ok(old) = fs::read_link(&link) {
        let is_ours = old.parent() == Some(&parent)
            && old.file_name().is_some_and(|name| name.to_string_lossy().starts_with(SOCKET_PREFIX));
        if is_ours {
            _ = fs::remove_dir_all(old);
        }
        fs::remove_file(&link).map_err(Error::io("remove", &link))?;
    }
    let folder = tempfile::Builder::new()
        .prefix(SOCKET_PREFIX)
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(&parent)
        .map_err(Error::io("write into the folder", &parent))?;
    symlink(folder.path(), &link).map_err(Error::io("make the link", &link))?;
    Ok(folder)
}
