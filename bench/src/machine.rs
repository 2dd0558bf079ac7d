//! Where it was measured.

use crate::{options::Setup, platform::Platform, readings::broker, result::About};
use contracts::ServiceName;
use std::{fs, process::Command};
use time::format_description::well_known::Rfc3339;

/// # Errors
/// PostgreSQL or the broker does not say which it is.
pub(crate) async fn about(platform: &Platform, setup: &Setup, note: &str) -> anyhow::Result<About> {
    let version = "SELECT current_setting('server_version')";
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).map(str::to_owned).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let kilobytes: f64 = field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or_default();
    Ok(About {
        date: service_kit::Clock::system().now().format(&Rfc3339)?,
        commit: commit(),
        note: note.to_owned(),
        machine: field("/proc/cpuinfo", "model name"),
        cores: std::thread::available_parallelism()?.get(),
        memory_gib: kilobytes / f64::from(1 << 20),
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
        postgres: sqlx::query_scalar(version).fetch_one(platform.watch(ServiceName::Order)).await?,
        rabbitmq: broker::version(platform).await?,
        database_by: if setup.tcp { "tcp" } else { "socket" }.to_owned(),
        lines_per_order: setup.lines,
    })
}

/// Of the folder we are in, if it is one of Git's.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else { return String::new() };
    let differs = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
    if differs { commit + "+" } else { commit }
}
