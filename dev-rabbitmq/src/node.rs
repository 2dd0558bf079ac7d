//! The node: its epmd, its broker, its end.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::{Error, Guard, free_port, installed};

const TO_START: Duration = Duration::from_secs(90);

/// What to start, and where. The same settings start the same node again.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its configuration, data and logs; made when missing.
    pub home: PathBuf,
    /// Where clients connect, on 127.0.0.1.
    pub port: u16,
    /// For Erlang's own traffic.
    pub dist_port: u16,
    /// For Erlang's directory of nodes.
    pub epmd_port: u16,
    /// For its management over HTTP, which costs it a second to start and some memory.
    pub management_port: Option<u16>,
    /// What it is told at its start, as JSON (<https://www.rabbitmq.com/docs/definitions>). It makes no user of its own then.
    pub definitions: Option<String>,
    /// The node's name, by which its data are found again.
    pub name: String,
}

impl Settings {
    /// A node on ports that nobody listens on.
    ///
    /// # Errors
    /// [`Error::NoPort`].
    pub fn with_free_ports(home: impl Into<PathBuf>) -> Result<Self, Error> {
        let port = free_port()?;
        let name = format!("ecom-{port}@localhost");
        let (dist_port, epmd_port) = (free_port()?, free_port()?);
        Ok(Self { home: home.into(), port, dist_port, epmd_port, management_port: None, definitions: None, name })
    }
}

/// A broker that takes connections. Dropping it kills it.
pub struct Running {
    port: u16,
    management_port: Option<u16>,
    group: Pid,
    guard: Guard,
    processes: Vec<Child>,
}

/// Starts a node and waits until it takes connections.
///
/// # Errors
/// See [`Error`]; nothing keeps running.
pub fn start(settings: &Settings, guard: &Guard) -> Result<Running, Error> {
    start_unless(settings, guard, &AtomicBool::new(false))
}

/// [`start`], given up as soon as `called_off` is set.
///
/// # Errors
/// See [`Error`]; nothing keeps running.
pub fn start_unless(settings: &Settings, guard: &Guard, called_off: &AtomicBool) -> Result<Running, Error> {
    let server = installed().ok_or(Error::NotInstalled)?;
    let (home, port, epmd_port) = (settings.home.as_path(), settings.port, settings.epmd_port);
    configure(home, settings)?;

    // Started by Erlang itself, it would detach and outlive the node.
    let mut epmd = Command::new("epmd");
    epmd.args(["-port", &epmd_port.to_string(), "-address", "127.0.0.1"]).process_group(0);
    let epmd = silent(&mut epmd, home, "epmd.log")?.spawn().map_err(Error::io("running epmd, which Erlang brings"))?;
    let group = Pid::from_raw(epmd.id().cast_signed());
    let management_port = settings.management_port;
    let mut node = Running { port, management_port, group, guard: guard.clone(), processes: vec![epmd] };
    guard.watch(node.pid())?;
    let epmd_answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, epmd_port)).is_ok();
    node.wait_until("epmd", &home.join("epmd.log"), called_off, epmd_answers)?;

    let log = home.join("broker.log");
    let begin = fs::metadata(&log).map_or(0, |found| found.len());
    let mut broker = Command::new(server);
    broker.env_clear().envs(environment(settings)).process_group(group.as_raw());
    let broker = silent(&mut broker, home, "broker.log")?.spawn().map_err(Error::io("running rabbitmq-server"))?;
    node.processes.push(broker);
    // It greets some moments before its queues are there; who declares one then waits for a minute.
    node.wait_until("RabbitMQ", &log, called_off, || has_said(&log, begin, "startup complete") && greets(port))?;
    Ok(node)
}

impl Running {
    /// For AMQP clients.
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}", self.port)
    }

    /// For its management over HTTP, where it has one.
    pub fn management_url(&self) -> Option<String> {
        self.management_port.map(|port| format!("http://guest:guest@127.0.0.1:{port}"))
    }

    /// The process group of all that belongs to it.
    pub fn pid(&self) -> u32 {
        self.group.as_raw().unsigned_abs()
    }

    /// Whether the broker's process still runs.
    pub fn is_alive(&mut self) -> bool {
        self.processes.iter_mut().all(|process| matches!(process.try_wait(), Ok(None)))
    }

    /// Ends all of it at once, as a power cut would (SIGKILL). Returns when it is gone; [`start`] with the same
    /// settings goes on with the same data.
    pub fn kill(self) {
        drop(self);
    }

    fn wait_until(
        &mut self,
        name: &'static str,
        log: &Path,
        called_off: &AtomicBool,
        ready: impl Fn() -> bool,
    ) -> Result<(), Error> {
        let begun = Instant::now();
        let said = || last_lines(&fs::read_to_string(log).unwrap_or_default());
        while !ready() {
            for process in &mut self.processes {
                if let Some(status) = process.try_wait().map_err(Error::io("waiting for RabbitMQ"))? {
                    return Err(Error::Ended { name, status: status.to_string(), said: said() });
                }
            }
            if called_off.load(Ordering::Relaxed) {
                return Err(Error::CalledOff { name });
            }
            if begun.elapsed() > TO_START {
                return Err(Error::Slow { name, seconds: TO_START.as_secs(), said: said() });
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = killpg(self.group, Signal::SIGKILL);
        for process in &mut self.processes {
            _ = process.wait();
        }
        // Who is left is another's child now; an answer of `ESRCH` says that nobody is.
        let begun = Instant::now();
        while killpg(self.group, None).is_ok() && begun.elapsed() < Duration::from_secs(2) {
            sleep(Duration::from_millis(5));
        }
        _ = self.guard.forget(self.pid());
    }
}

fn configure(home: &Path, settings: &Settings) -> Result<(), Error> {
    let write = |name: &str, text: &str| fs::write(home.join(name), text).map_err(Error::io(format!("writing {name}")));
    fs::create_dir_all(home.join("conf.d")).map_err(Error::io(format!("making {}", home.display())))?;
    let (plugins, management) = match settings.management_port {
        Some(port) => {
            ("[rabbitmq_management].\n", format!("management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port}\n"))
        }
        None => ("[].\n", String::new()),
    };
    write("enabled_plugins", plugins)?;
    let mut more = management;
    if let Some(definitions) = &settings.definitions {
        write("definitions.json", definitions)?;
        more.push_str(&format!("load_definitions = {}\n", home.join("definitions.json").display()));
    }
    let port = settings.port;
    write(
        "rabbitmq.conf",
        // The raft log of quorum queues takes its full size on disk at once: 512 MB if not told otherwise.
        &format!("listeners.tcp.local = 127.0.0.1:{port}\nraft.wal_max_size_bytes = 64000000\n{more}"),
    )
}

/// All of it: nothing of the caller's own RabbitMQ may shine through.
fn environment(settings: &Settings) -> Vec<(&'static str, String)> {
    let file = |name: &str| settings.home.join(name).display().to_string();
    let path = std::env::var_os("PATH").map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    vec![
        ("PATH", path),
        ("LANG", "C.UTF-8".to_owned()),
        ("HOME", file("")), // where Erlang keeps its cookie
        ("ERL_EPMD_PORT", settings.epmd_port.to_string()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
        ("RABBITMQ_NODENAME", settings.name.clone()),
        ("RABBITMQ_DIST_PORT", settings.dist_port.to_string()),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}".to_owned()),
        ("RABBITMQ_CONF_ENV_FILE", file("rabbitmq-env.conf")),
        ("RABBITMQ_CONFIG_FILE", file("rabbitmq.conf")),
        ("RABBITMQ_CONFIG_FILES", file("conf.d/*.conf")),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", file("advanced.config")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", file("enabled_plugins")),
        ("RABBITMQ_MNESIA_BASE", file("data")),
        ("RABBITMQ_LOG_BASE", file("log")),
        ("RABBITMQ_LOGS", "-".to_owned()),
    ]
}

/// Appends: what it said before it was killed stays readable.
fn silent<'c>(command: &'c mut Command, home: &Path, log: &str) -> Result<&'c mut Command, Error> {
    let path: PathBuf = home.join(log);
    let doing = || Error::io(format!("writing {}", path.display()));
    let file = File::options().create(true).append(true).open(&path).map_err(doing())?;
    let twin = file.try_clone().map_err(doing())?;
    Ok(command.stdin(Stdio::null()).stdout(file).stderr(twin))
}

/// A broker answers the protocol's first bytes with a method frame, which begins with 1.
fn greets(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let greet = || -> std::io::Result<u8> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"AMQP\x00\x00\x09\x01")?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        Ok(answer[0])
    };
    greet().is_ok_and(|first| first == 1)
}

fn has_said(log: &Path, begin: u64, what: &str) -> bool {
    let text = fs::read(log).unwrap_or_default();
    let since = usize::try_from(begin).ok().and_then(|begin| text.get(begin..)).unwrap_or_default();
    String::from_utf8_lossy(since).contains(what)
}

/// What went wrong stands at the end.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
