//! The helper: this program, started again, which turns into PostgreSQL.
//!
//! What it does between `fork` and `exec` could be done there directly, but not in safe Rust: so a whole process does
//! it. Linux only; elsewhere programs are started directly.

use std::ffi::OsString;
use std::path::PathBuf;

/// The first argument that makes a program the helper. Then: identity, parent's process id, program, its arguments;
/// without a program it ends once it has the identity, which tells that this can be done.
pub(crate) const HELPER: &str = "__postgres-launcher";
/// Run the program as whoever we are.
pub(crate) const MYSELF: &str = "myself";
/// `namespace:<uid>:<gid>`: in a user namespace in which we seem to be that user.
pub(crate) const NAMESPACE: &str = "namespace";
/// `user:<uid>:<gid>`: as that user.
pub(crate) const OTHER: &str = "user";

/// Call this first thing in `main`, before threads start and before arguments are read: it returns at once, or, when
/// this process was started by [`start`](crate::start), becomes PostgreSQL and never returns.
pub fn maybe_run_as_helper() {
    if was_meant_as_helper() {
        let trouble = linux::run(std::env::args_os().skip(2).collect());
        // Into PostgreSQL's log, which is where whoever waits for it looks.
        use std::io::Write;
        _ = writeln!(std::io::stderr(), "could not become PostgreSQL: {trouble:#}");
        std::process::exit(126);
    }
}

pub(crate) fn was_meant_as_helper() -> bool {
    std::env::args_os().nth(1).is_some_and(|argument| argument == HELPER)
}

/// By way of `/proc` on Linux: a program that was rebuilt while it runs still finds itself there.
pub(crate) fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe().unwrap_or_else(|_| OsString::from("this program").into())
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{CString, OsString};
    use std::fs;
    use std::os::unix::ffi::OsStringExt;

    use anyhow::{Context, Error, Result, bail, ensure};
    use nix::sched::{CloneFlags, unshare};
    use nix::sys::prctl::set_pdeathsig;
    use nix::sys::signal::{SigSet, Signal};
    use nix::unistd::{Gid, Pid, Uid, execv, getegid, geteuid, getppid, setgid, setgroups, setuid};

    use super::{MYSELF, NAMESPACE, OTHER};

    /// Only ever returns why it failed.
    pub(super) fn run(arguments: Vec<OsString>) -> Error {
        match become_it(arguments) {
            Ok(never) => match never {},
            Err(e) => e,
        }
    }

    fn become_it(arguments: Vec<OsString>) -> Result<std::convert::Infallible> {
        let mut arguments = arguments.into_iter();
        let mut next = || arguments.next().and_then(|a| a.into_string().ok()).context("too few arguments");
        let (identity, parent) = (next()?, next()?);
        take_identity(&identity)?;
        // Only now: a change of user or capabilities clears it. SIGINT asks PostgreSQL to write what it has and leave.
        set_pdeathsig(Signal::SIGINT).context("asking to end with the parent")?;
        ensure!(getppid() == Pid::from_raw(parent.parse()?), "the program that wanted it has ended");
        // Whoever starts us may have blocked signals to wait for them; a mask outlives `exec`.
        SigSet::all().thread_unblock().context("unblocking signals")?;
        let program = arguments.map(|a| CString::new(a.into_vec())).collect::<Result<Vec<_>, _>>()?;
        let Some(path) = program.first() else { std::process::exit(0) };
        execv(path, &program).with_context(|| format!("running {}", path.to_string_lossy()))
    }

    fn take_identity(identity: &str) -> Result<()> {
        if identity == MYSELF {
            return Ok(());
        }
        let mut parts = identity.split(':');
        let kind = parts.next().unwrap_or_default();
        let mut number = || -> Result<u32> { Ok(parts.next().context("an identity without numbers")?.parse()?) };
        let (uid, gid) = (number()?, number()?);
        match kind {
            NAMESPACE => enter_namespace(uid, gid),
            OTHER => {
                setgroups(&[]).context("leaving root's groups")?;
                setgid(Gid::from_raw(gid)).with_context(|| format!("becoming group {gid}"))?;
                setuid(Uid::from_raw(uid)).with_context(|| format!("becoming user {uid}"))
            }
            other => bail!("unknown identity {other}"),
        }
    }

    /// Root outside is the ordinary user inside; see user_namespaces(7). A process may map itself alone, and a group
    /// only after it has given up `setgroups`.
    fn enter_namespace(uid: u32, gid: u32) -> Result<()> {
        let (outer_uid, outer_gid) = (geteuid(), getegid());
        unshare(CloneFlags::CLONE_NEWUSER).context("entering a user namespace")?;
        fs::write("/proc/self/setgroups", "deny").context("giving up setgroups")?;
        fs::write("/proc/self/uid_map", format!("{uid} {outer_uid} 1")).context("mapping the user")?;
        fs::write("/proc/self/gid_map", format!("{gid} {outer_gid} 1")).context("mapping the group")
    }
}

#[cfg(not(target_os = "linux"))]
mod linux {
    pub(super) fn run(_: Vec<std::ffi::OsString>) -> anyhow::Error {
        anyhow::anyhow!("there is no helper on this system")
    }
}
