//! The servers' programs: found on the machine, or fetched where that is ours to do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::unistd::geteuid;

const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Makes sure that PostgreSQL's and, if wanted, RabbitMQ's programs are there.
pub(crate) fn ensure(with_rabbitmq: bool) -> Result<()> {
    let mut packages = Vec::new();
    if dev_postgres::installed().is_empty() {
        packages.push("postgresql");
    }
    if with_rabbitmq && dev_rabbitmq::installed().is_none() {
        packages.push("rabbitmq-server");
    }
    if packages.is_empty() {
        return Ok(());
    }
    let what = packages.join(" and ");
    let can_fetch = geteuid().is_root() && Path::new("/usr/bin/apt-get").exists();
    if !can_fetch {
        bail!(
            "{what} must be installed (PostgreSQL 15 or later). Debian, Ubuntu: sudo apt install {}; macOS: brew \
             install postgresql@17 rabbitmq",
            packages.join(" ")
        );
    }
    println!("fetching {what}: not on this machine yet");
    apt(&packages).with_context(|| format!("fetching {what} by apt-get"))?;
    // apt may end badly over a service that it could not start, which we do not want anyhow. The programs count.
    if dev_postgres::installed().is_empty() {
        bail!("apt-get brought no PostgreSQL 15 or later; install one by hand");
    }
    if with_rabbitmq && dev_rabbitmq::installed().is_none() {
        bail!("apt-get brought no RabbitMQ; install it by hand");
    }
    Ok(())
}

fn apt(packages: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command.status().context("running apt-get")
    };
    // Debian asks this file whether a package may start its service: none shall, we start our own.
    let is_ours = !Path::new(POLICY).exists();
    if is_ours {
        fs::write(POLICY, "#!/bin/sh\nexit 101\n").context("writing policy-rc.d")?;
        fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755)).context("writing policy-rc.d")?;
    }
    let done = apt(&["-qq", "update"])
        .and_then(|_| apt(&[&["-qq", "install", "-y", "--no-install-recommends"], packages].concat()));
    if is_ours {
        fs::remove_file(POLICY).context("removing policy-rc.d")?;
    }
    done.map(drop)
}
