//! The programs that are measured: built, started, looked at, ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::{cargo, root};

pub(super) const SERVICES: [&str; 5] = ["user", "product", "order", "payment", "notify"];
const TO_START: Duration = Duration::from_secs(60);

/// The folder of a profile's programs.
pub(super) struct Programs(PathBuf);

impl Programs {
    /// Also tells how many targets of how many had to be compiled.
    pub(super) fn build(profile: &str) -> Result<(Self, usize, usize)> {
        let mut build = cargo("build");
        build.args(["--workspace", "--bins", "--profile", profile]);
        build.args(["--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
        let output = build.output().context("running cargo")?;
        if !output.status.success() {
            bail!("the build failed");
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let targets = said.lines().filter(|line| line.contains("\"reason\":\"compiler-artifact\""));
        let all = targets.clone().count();
        let built = targets.filter(|line| line.contains("\"fresh\":false")).count();
        Ok((Self(root().join("target").join(profile)), built, all))
    }

    /// `ecom up` on a folder and ports of its own.
    pub(super) fn platform(&self, data: &Path, ports: u16) -> Command {
        let mut command = self.command("ecom");
        command.env("ECOM_DATA", data).env("ECOM_PORT_BASE", ports.to_string());
        command
    }

    /// The demo on the platform that runs on this folder.
    pub(super) fn demo(&self, data: &Path) -> Command {
        let mut command = self.command("ecom");
        command.env("ECOM_DATA", data).arg("demo").stdout(Stdio::piped());
        command
    }

    pub(super) fn sizes(&self) -> Result<Vec<(String, u32)>> {
        let services = SERVICES.map(|name| format!("{name}-service"));
        let sizes = ["ecom", "web"].map(str::to_owned).into_iter().chain(services).map(|name| {
            let bytes = fs::metadata(self.0.join(&name)).with_context(|| format!("looking at {name}"))?.len();
            Ok((name, u32::try_from(bytes)?))
        });
        sizes.collect()
    }

    /// Nothing of the caller's own settings shines through.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.0.join(name));
        for name in ["DATABASE_URL", "AMQP_URL", "ECOM_ENV", "PROVIDER_URL", "SMTP_URL", "PUBLIC_URL", "RUST_LOG"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

/// A program that is asked to end when nobody measures it any more.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        _ = Command::new("kill").arg(self.0.id().to_string()).status();
        _ = self.0.wait();
    }
}

/// A running `ecom up`.
pub(super) struct Platform {
    process: Process,
    data: PathBuf,
    pub(super) ready_after: Duration,
}

impl Platform {
    pub(super) fn launch(mut command: Command, data: &Path) -> Result<Self> {
        let began = Instant::now();
        let mut process = Process(command.spawn().context("starting ecom")?);
        while !data.join("run.json").exists() {
            if let Some(status) = process.0.try_wait()? {
                bail!("ecom up ended with {status}");
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(Self { process, data: data.to_owned(), ready_after: began.elapsed() })
    }

    /// The URL of its PostgreSQL.
    pub(super) fn server(&self) -> Result<String> {
        let run = fs::read_to_string(self.data.join("run.json"))?;
        let (_, after) = run.split_once("\"user-service\": \"postgres").context("run.json names no database")?;
        let rest = after.split('"').next().unwrap_or_default();
        Ok(format!("postgres{}", rest.replace("/user_db?", "/postgres?")))
    }

    pub(super) fn resident(&self) -> Result<f64> {
        resident(self.process.0.id())
    }
}

/// A running service of its own.
pub(super) struct Single {
    pub(super) name: &'static str,
    process: Process,
    port: String,
}

impl Single {
    pub(super) fn launch(
        programs: &Programs,
        name: &'static str,
        data: &Path,
        variables: Vec<(String, String)>,
    ) -> Result<Self> {
        let port = variables.iter().find(|(name, _)| name == "PORT").context("a service needs a port")?.1.clone();
        let mut command = programs.command(&format!("{name}-service"));
        command.env("ECOM_DATA", data).envs(variables).env("RUST_LOG", "warn");
        let process = command.spawn().with_context(|| format!("starting {name}-service"))?;
        Ok(Self { name, process: Process(process), port })
    }

    pub(super) fn wait_until_ready(&mut self, programs: &Programs) -> Result<()> {
        let began = Instant::now();
        loop {
            let mut health = programs.command(&format!("{}-service", self.name));
            health.arg("healthcheck").env("PORT", &self.port).stderr(Stdio::null());
            if health.status()?.success() {
                return Ok(());
            }
            if let Some(status) = self.process.0.try_wait()? {
                bail!("{}-service ended with {status}", self.name);
            }
            if began.elapsed() > TO_START {
                bail!("{}-service is not ready after {} s", self.name, TO_START.as_secs());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn resident(&self) -> Result<f64> {
        resident(self.process.0.id())
    }
}

/// Resident memory of a process in MiB (Linux).
fn resident(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("this needs Linux")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u32 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(f64::from(kilobytes) / 1024.0)
}
