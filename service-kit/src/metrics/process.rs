//! The process as Linux shows it in `/proc`, under the names every Prometheus client library gives them; elsewhere there
//! is nothing. Written by hand beside the recorder's page: its counters are whole numbers, and processor time is not.

use super::{Kind, Metric};
use std::{fmt::Write, fs};

/// In the order in which `page` finds their values.
pub const PROCESS: &[Metric] = &[
    Metric::counter("process_cpu_seconds_total", "Processor time spent, in user and system mode."),
    Metric::gauge("process_resident_memory_bytes", "Resident memory."),
    Metric::gauge("process_open_fds", "Open file descriptors."),
    Metric::gauge("process_max_fds", "File descriptors that may be open."),
    Metric::gauge("process_start_time_seconds", "When the process started, in Unix time."),
];

/// What the kernel counts processor time in for programs, on every architecture Linux has for us: USER_HZ.
const TICKS_PER_SECOND: f64 = 100.0;

/// The process's part of the page. A value that a kernel or a sandbox hides is left out, and the others stay.
pub(super) fn page() -> String {
    let mut page = String::new();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name in brackets and may hold anything; after it the third begins.
    let fields: Vec<&str> =
        stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    let field = |number: usize| fields.get(number - 3)?.parse::<u32>().ok().map(f64::from);
    let spent = field(14).zip(field(15)).map(|(user, system)| (user + system) / TICKS_PER_SECOND);
    let started = booted().zip(field(22)).map(|(booted, ticks)| booted + ticks / TICKS_PER_SECOND);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let values = [spent, resident(&status), open_files(), open_files_allowed(), started];
    for (Metric { name, kind, help, .. }, value) in PROCESS.iter().zip(values) {
        let Some(value) = value else { continue };
        let kind = if *kind == Kind::Counter { "counter" } else { "gauge" };
        // Writing to a String does not fail.
        let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
    }
    page
}

/// When the machine started, in Unix time.
fn booted() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let booted = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    booted.trim().parse::<u32>().ok().map(f64::from)
}

fn resident(status: &str) -> Option<f64> {
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix("kB")?;
    Some(f64::from(kibibytes.trim().parse::<u32>().ok()?) * 1024.0)
}

fn open_files() -> Option<f64> {
    let open = fs::read_dir("/proc/self/fd").ok()?.count();
    Some(f64::from(u32::try_from(open).ok()?))
}

fn open_files_allowed() -> Option<f64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    limit.split_whitespace().next()?.parse::<u32>().ok().map(f64::from)
}
