//! Looking at processes that are not our children.

use std::fs;

use nix::sys::signal::kill;
use nix::unistd::Pid;

/// The children of a process, where `/proc` tells.
pub(crate) fn children(parent: Pid) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| status(*pid).is_some_and(|status| status.parent == parent.as_raw())).map(Pid::from_raw).collect()
}

/// A dead process that nobody has collected yet is not alive.
pub(crate) fn is_alive(pid: Pid) -> bool {
    kill(pid, None).is_ok() && status(pid.as_raw()).is_none_or(|status| status.state != "Z")
}

struct Status {
    state: String,
    parent: i32,
}

fn status(pid: i32) -> Option<Status> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything; the last one ends it.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some(Status { state: fields.next()?.to_owned(), parent: fields.next()?.parse().ok()? })
}
