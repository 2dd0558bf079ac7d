//! A RabbitMQ node of our own: own ports, own epmd, own folders, so that it meets no other on the machine.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::folder::Folder;
use crate::install;
use crate::servers::free_port;

const TO_START: Duration = Duration::from_secs(90);

/// A broker that takes connections. Dropping it kills it: its data are thrown away anyhow.
pub(crate) struct RabbitMq {
    port: u16,
    group: Pid,
    processes: Vec<Child>,
}

impl RabbitMq {
    pub(crate) fn start(folder: &mut Folder, called_off: &AtomicBool) -> Result<Self> {
        let server = install::rabbitmq_server().context("rabbitmq-server is not installed")?;
        let home = folder.path().join("rabbitmq");
        let (port, dist_port, epmd_port) = (free_port()?, free_port()?, free_port()?);
        configure(&home, port)?;

        // Started by Erlang itself, it would detach and outlive the node.
        let mut epmd = Command::new("epmd");
        epmd.args(["-port", &epmd_port.to_string(), "-address", "127.0.0.1"]).process_group(0);
        let epmd = silent(&mut epmd, &home, "epmd.log")?.spawn().context("running epmd, which comes with Erlang")?;
        folder.guard(epmd.id())?;
        let group = Pid::from_raw(epmd.id().try_into().context("a process id out of range")?);
        let mut node = Self { port, group, processes: vec![epmd] };
        let epmd_answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, epmd_port)).is_ok();
        node.wait_until("epmd", &home.join("epmd.log"), called_off, epmd_answers)?;

        let mut broker = Command::new(server);
        broker.env_clear().envs(environment(&home, dist_port, epmd_port)).process_group(group.as_raw());
        let broker = silent(&mut broker, &home, "broker.log")?.spawn().context("running rabbitmq-server")?;
        node.processes.push(broker);
        node.wait_until("RabbitMQ", &home.join("broker.log"), called_off, || greets(port))?;
        Ok(node)
    }

    pub(crate) fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}", self.port)
    }

    fn wait_until(&mut self, name: &str, log: &Path, called_off: &AtomicBool, ready: impl Fn() -> bool) -> Result<()> {
        let begun = Instant::now();
        while !ready() {
            let said = || fs::read_to_string(log).unwrap_or_default();
            for process in &mut self.processes {
                if let Some(status) = process.try_wait().context("waiting for RabbitMQ")? {
                    bail!("{name} ended ({status}) before it was ready. It said:\n{}", said());
                }
            }
            if called_off.load(Ordering::Relaxed) {
                bail!("{name} is not wanted any more");
            }
            if begun.elapsed() > TO_START {
                bail!("{name} was not ready after {} s. It said:\n{}", TO_START.as_secs(), said());
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for RabbitMq {
    fn drop(&mut self) {
        _ = killpg(self.group, Signal::SIGKILL);
        for process in &mut self.processes {
            _ = process.wait();
        }
    }
}

fn configure(home: &Path, port: u16) -> Result<()> {
    let write = |name: &str, text: &str| fs::write(home.join(name), text).with_context(|| format!("writing {name}"));
    fs::create_dir_all(home.join("conf.d")).with_context(|| format!("making {}", home.display()))?;
    write("enabled_plugins", "[].\n")?;
    write(
        "rabbitmq.conf",
        // The raft log of quorum queues takes its full size on disk at once: 512 MB if not told otherwise.
        &format!("listeners.tcp.local = 127.0.0.1:{port}\nraft.wal_max_size_bytes = 64000000\n"),
    )
}

/// All of it: nothing of the caller's own RabbitMQ may shine through.
fn environment(home: &Path, dist_port: u16, epmd_port: u16) -> Vec<(&'static str, String)> {
    let file = |name: &str| home.join(name).display().to_string();
    let path = std::env::var_os("PATH").map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    vec![
        ("PATH", path),
        ("LANG", "C.UTF-8".to_owned()),
        ("HOME", file("")), // where Erlang keeps its cookie
        ("ERL_EPMD_PORT", epmd_port.to_string()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
        ("RABBITMQ_NODENAME", format!("ecom-xtask-{}@localhost", std::process::id())),
        ("RABBITMQ_DIST_PORT", dist_port.to_string()),
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

fn silent<'c>(command: &'c mut Command, home: &Path, log: &str) -> Result<&'c mut Command> {
    let path: PathBuf = home.join(log);
    let file = File::create(&path).with_context(|| format!("writing {}", path.display()))?;
    let twin = file.try_clone().with_context(|| format!("writing {}", path.display()))?;
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
