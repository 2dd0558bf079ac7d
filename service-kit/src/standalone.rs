//! A service as a process of its own: what each service's `main` calls. With nothing set it works beside a running
//! `ecom up`: on its database, while that process carries the events.

use crate::{Bus, ConfigError, Env, Service, Settings, bus::RabbitBus, http_server, telemetry};
use anyhow::{Context, anyhow};
use contracts::ServiceName;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What blocks a thread at the end, such as a name that is being looked up, is waited for no longer.
const LEFT_BEHIND: Duration = Duration::from_millis(200);

/// What a running `ecom up` leaves in its data folder for others to find it by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunFile {
    /// The process that runs it.
    pub pid: u32,
    /// Each service's database.
    pub databases: BTreeMap<ServiceName, String>,
    /// Where each service listens.
    pub services: BTreeMap<ServiceName, String>,
    /// Where the front door listens.
    pub front_door: String,
    /// Where people reach it: the start of links.
    pub public_url: String,
    /// Where its payment provider listens.
    pub provider_url: String,
    /// Variables a service started beside it should have too, e.g. the folder mails go to.
    pub variables: BTreeMap<String, String>,
}

impl RunFile {
    /// The file's name, in the folder of the platform's data.
    pub const NAME: &'static str = "run.json";

    /// The file of a running `ecom up`: in `ECOM_DATA`, or in `.ecom` here or in a folder above.
    #[must_use]
    pub fn find(env: &Env) -> Option<Self> {
        let folders: Vec<PathBuf> = match env.text("ECOM_DATA").ok().flatten() {
            Some(folder) => vec![folder.into()],
            None => Path::new(".").canonicalize().ok()?.ancestors().map(|above| above.join(".ecom")).collect(),
        };
        let read = |folder: &PathBuf| serde_json::from_slice::<Self>(&fs::read(folder.join(Self::NAME)).ok()?).ok();
        let found = folders.iter().find_map(read)?;
        // A file left by a killed process names services that no longer answer.
        let address = found.services.get(&ServiceName::User)?.strip_prefix("http://")?.parse().ok()?;
        TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok()?;
        Some(found)
    }
}

/// The process of one service: `healthcheck` as its only argument asks a running one, `--help` explains, otherwise it
/// serves until asked to stop.
pub fn run<F, R>(service: ServiceName, build: F) -> ExitCode
where
    F: FnOnce(Settings, Env, Bus) -> R,
    R: Future<Output = anyhow::Result<Service>>,
{
    let env = Env::process();
    let result = match std::env::args().nth(1).as_deref() {
        #[cfg(feature = "labs")]
        None => crate::labs::arm(&env).and_then(|()| serve(service, env, build)),
        #[cfg(not(feature = "labs"))]
        None => serve(service, env, build),
        Some("--help" | "-h" | "help") => help(service.as_str(), &about(service)),
        Some("healthcheck") => Settings::read(&env.with("DATABASE_URL", "postgres://unused"), service)
            .map_err(Into::into)
            .and_then(|settings| healthcheck(settings.port, "/readyz")),
        Some(other) => Err(anyhow!("{service} takes no argument {other:?}: `{service} --help` shows those it takes")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            // The last word of a process that cannot go on; nothing is left to do if even this fails.
            let _ = writeln!(std::io::stderr(), "{service}: {cause:#}");
            ExitCode::FAILURE
        }
    }
}

fn about(service: ServiceName) -> String {
    let (port, database) = (service.default_port(), service.database());
    format!(
        "One of the five services of Ecom-Micro. Without settings it works beside a running `ecom up`; on its own it needs

  DATABASE_URL  its database, for example postgres://user:password@localhost:5432/{database}
  AMQP_URL      its RabbitMQ, for example amqp://user:password@localhost:5672
  PORT          where it listens ({port}); /docs there shows its API"
    )
}

/// Explains a program that takes no arguments but these.
///
/// # Errors
/// Standard output cannot be written.
pub fn help(program: &str, about: &str) -> anyhow::Result<()> {
    let text = format!(
        "{about}

Usage:
  {program}              serves until Ctrl-C or SIGTERM
  {program} healthcheck  asks the one that runs on PORT whether it is ready; the exit code tells

All variables: docs/operations/variables.md"
    );
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Serves until asked to stop.
///
/// # Errors
/// A variable is missing or wrong, the port is taken, or the database cannot be opened.
pub fn serve<F, R>(service: ServiceName, env: Env, build: F) -> anyhow::Result<()>
where
    F: FnOnce(Settings, Env, Bus) -> R,
    R: Future<Output = anyhow::Result<Service>>,
{
    telemetry::start_server(service.as_str(), &env)?;
    let (settings, env) = settings_of(service, env)?;
    let bus = bus_of(&settings, &env)?;
    in_runtime(async {
        let listener = listen(settings.port, service.as_str())?;
        let stop = stop_on_signal()?;
        let service = build(settings, env, bus).await?;
        service.run(listener, stop).await
    })
}

/// Does a program's `work` in a runtime of its own, and ends with it.
///
/// # Errors
/// There are no threads to be had, or those of `work`.
pub fn in_runtime<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // Dropped, it would wait for blocked threads for ever.
    runtime.shutdown_timeout(LEFT_BEHIND);
    done
}

/// The settings of a process of its own: from its variables, or those of a running `ecom up` it works beside.
///
/// # Errors
/// A variable is missing or wrong, and no `ecom up` runs.
pub fn settings_of(service: ServiceName, env: Env) -> anyhow::Result<(Settings, Env)> {
    // The platform's name for this service's database, for commands that serve several.
    let own = env.text(&format!("{}_DATABASE_URL", service.short().to_uppercase()))?;
    let env = match own {
        Some(url) => env.with("DATABASE_URL", url),
        None => env,
    };
    if env.text("DATABASE_URL")?.is_some() || env.text("DB_HOST")?.is_some() {
        return Ok((Settings::read(&env, service)?, env));
    }
    let running = RunFile::find(&env).ok_or_else(|| {
        anyhow!(
            "DATABASE_URL is not set, and no running `ecom up` was found to work beside. Either start one (`cargo run \
             --release` in the workspace's top folder) or set DATABASE_URL=postgres://user:password@host:5432/{} and \
             AMQP_URL=amqp://user:password@host:5672",
            service.database()
        )
    })?;
    let env = beside(service, env, &running)?.with(BESIDE, running.pid.to_string());
    let settings = Settings::read(&env, service)?;
    tracing::info!(pid = running.pid, port = settings.port, "beside a running `ecom up`: its database, its bus");
    Ok((settings, env))
}

/// Set, by us, for a process that works beside a running `ecom up`: its process id.
const BESIDE: &str = "ECOM_BESIDE";

fn bus_of(settings: &Settings, env: &Env) -> anyhow::Result<Bus> {
    if let Some(url) = settings.amqp_url.clone() {
        return Ok(Bus::Rabbit(RabbitBus::new(url, "ecom")));
    }
    if env.text(BESIDE)?.is_some() {
        return Ok(Bus::Elsewhere);
    }
    let expected = "amqp://user:password@host:5672 (a service of its own sends and gets events over RabbitMQ)";
    Err(ConfigError::Missing { name: "AMQP_URL".to_owned(), expected: expected.to_owned() }.into())
}

/// The variables a service needs to work beside a running `ecom up`; what was set by hand stays.
fn beside(service: ServiceName, env: Env, running: &RunFile) -> anyhow::Result<Env> {
    let database = running.databases.get(&service).context("run.json of the running `ecom up` names no database")?;
    let mut wanted = running.variables.clone();
    wanted.insert("DATABASE_URL".to_owned(), database.clone());
    wanted.insert("PUBLIC_URL".to_owned(), running.public_url.clone());
    wanted.insert("PROVIDER_URL".to_owned(), running.provider_url.clone());
    // The usual port belongs to the one that runs already.
    wanted.insert("PORT".to_owned(), (service.default_port() + 10_000).to_string());
    for (peer, url) in &running.services {
        wanted.insert(format!("{}_SERVICE_URL", peer.short().to_uppercase()), url.clone());
    }
    let mut env = env;
    for (name, value) in wanted {
        if env.text(&name)?.is_none() {
            env = env.with(&name, value);
        }
    }
    Ok(env)
}

/// Binds the port on all addresses, of IPv6 and of IPv4. To be called in a runtime.
///
/// # Errors
/// The port is taken or may not be used; the sentence says which and what to do.
pub fn listen(port: u16, who: &str) -> anyhow::Result<TcpListener> {
    let bound = http_server::bind((Ipv6Addr::UNSPECIFIED, port).into());
    bound.and_then(TcpListener::from_std).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow!("port {port}, wanted by {who}, is taken by another program: end that one, or choose another port")
        }
        std::io::ErrorKind::PermissionDenied => {
            anyhow!("port {port}, wanted by {who}, needs rights this user lacks: choose a port above 1023")
        }
        _ => anyhow!("port {port}, wanted by {who}, cannot be used: {cause}"),
    })
}

/// A token that is cancelled by SIGINT (Ctrl-C), SIGTERM, or SIGHUP (the terminal was closed).
///
/// # Errors
/// The signals cannot be listened to.
pub fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // Under `nohup` it is ignored, and stays so.
    let mut hang_up = if hang_up_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        let hung_up = async {
            match &mut hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hung_up => {}
        }
        cancel.cancel();
    });
    Ok(stop)
}

/// As far as the system tells: Linux has a mask of ignored signals here, whose lowest bit is SIGHUP's.
fn hang_up_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Whether `http://127.0.0.1:port/path` answers 200: the health check of images, which carry no shell or curl.
///
/// # Errors
/// Anything else.
pub fn healthcheck(port: u16, path: &str) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))
        .with_context(|| format!("nothing listens on port {port}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(3)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    anyhow::ensure!(
        answer.starts_with("HTTP/1.1 200"),
        "{path} answered {}",
        answer.lines().next().unwrap_or("nothing")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::in_runtime;
    use std::{
        sync::mpsc,
        time::{Duration, Instant},
    };

    #[test]
    fn a_thread_that_is_blocked_does_not_hold_up_the_end_of_a_program() {
        let (let_go, held) = mpsc::channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let started = Instant::now();
        let done = in_runtime(async {
            tokio::task::spawn_blocking(move || {
                let _ = begun.send(());
                // As long as a name's look-up may take.
                let _ = held.recv_timeout(Duration::from_secs(10));
            });
            has_begun.await?;
            Ok("done")
        });
        assert_eq!(done.unwrap(), "done");
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        drop(let_go);
    }
}
