//! `cargo xtask figures`: the numbers README shows, measured on this machine: start, memory, sizes. Nothing is asserted.

use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const SERVICES: [&str; 5] = ["user", "product", "order", "payment", "notify"];
const BASE: u16 = 28_080;

pub(crate) fn run() -> Result<()> {
    let built = Instant::now();
    let status = Command::new("cargo").args(["build", "--release", "--workspace", "--bins"]).status()?;
    if !status.success() {
        bail!("the release build failed");
    }
    println!("release build (what was left of it)       {:>8.1} s", built.elapsed().as_secs_f64());
    let folder = std::env::temp_dir().join(format!("ecom-figures-{}", std::process::id()));
    let result = measure(&folder);
    let _ = fs::remove_dir_all(&folder);
    result
}

fn measure(folder: &Path) -> Result<()> {
    let own = |data: &Path| {
        let mut command = Command::new(program("ecom"));
        command.env("ECOM_DATA", data).env("ECOM_PORT_BASE", BASE.to_string());
        command
    };
    let data = folder.join("own");
    show("first start, PostgreSQL of this machine", start(own(&data), &data)?);
    show("warm start, PostgreSQL of this machine", start(own(&data), &data)?);
    let bundled = folder.join("bundled");
    let with_bundled = || {
        let mut command = own(&bundled);
        command.env("ECOM_POSTGRES", "bundled");
        command
    };
    show("first start, bundled PostgreSQL", start(with_bundled(), &bundled)?);
    show("warm start, bundled PostgreSQL", start(with_bundled(), &bundled)?);

    // A platform on its own PostgreSQL lends its server to a second one, and its databases to five single services.
    let lender = Platform::launch(own(&data), &data)?;
    let server = lender.database("user-service")?;
    let server = server.replace("/user_db?", "/postgres?");
    let second = folder.join("second");
    let on_running = |data: &Path| {
        let mut command = Command::new(program("ecom"));
        command.env("ECOM_DATA", data).env("ECOM_PORT_BASE", (BASE + 100).to_string()).env("DATABASE_URL", &server);
        // Its own five databases beside the lender's would need other names; the very same ones are fine to look at.
        command
    };
    show("warm start, PostgreSQL runs already", start(on_running(&second), &second)?);
    five_services(&data)?;
    println!("all-in-one idle, one process               {:>8.1} MiB", resident(lender.child.id())?);
    lender.stop()?;

    for name in ["ecom", "web"].into_iter().map(str::to_owned).chain(SERVICES.map(|name| format!("{name}-service"))) {
        let bytes = fs::metadata(program(&name))?.len();
        println!("{:<42} {:>8.1} MB", format!("{name}, stripped"), mega(bytes));
    }
    Ok(())
}

/// Each service as a process of its own, idle beside the running platform.
fn five_services(data: &Path) -> Result<()> {
    let mut children = Vec::new();
    for (distance, name) in (200..).zip(SERVICES) {
        let mut command = Command::new(program(&format!("{name}-service")));
        command.env("ECOM_DATA", data).env("PORT", (BASE + distance).to_string()).env("RUST_LOG", "warn");
        children.push((name, command.stdout(Stdio::null()).spawn()?));
    }
    // Idle means some time after the start's last work.
    thread::sleep(Duration::from_secs(5));
    let mut sum = 0.0;
    for (name, child) in &children {
        let one = resident(child.id())?;
        sum += one;
        println!("{:<42} {one:>8.1} MiB", format!("{name}-service idle"));
    }
    println!("five services idle together                {sum:>8.1} MiB");
    for (_, mut child) in children {
        terminate(&mut child)?;
    }
    Ok(())
}

struct Platform {
    child: Child,
    data: PathBuf,
    ready_after: Duration,
}

impl Platform {
    fn launch(mut command: Command, data: &Path) -> Result<Self> {
        let began = Instant::now();
        let child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn()?;
        let mut platform = Self { child, data: data.to_owned(), ready_after: Duration::ZERO };
        while !platform.data.join("run.json").exists() {
            if let Some(status) = platform.child.try_wait()? {
                bail!("ecom up ended with {status}");
            }
            thread::sleep(Duration::from_millis(2));
        }
        platform.ready_after = began.elapsed();
        Ok(platform)
    }

    fn database(&self, service: &str) -> Result<String> {
        let run = fs::read_to_string(self.data.join("run.json"))?;
        let (_, after) = run.split_once(&format!("\"{service}\": \"postgres")).context("run.json names no database")?;
        let rest = after.split('"').next().unwrap_or_default();
        Ok(format!("postgres{rest}"))
    }

    fn stop(mut self) -> Result<()> {
        terminate(&mut self.child)
    }
}

fn start(command: Command, data: &Path) -> Result<Duration> {
    let platform = Platform::launch(command, data)?;
    let ready_after = platform.ready_after;
    platform.stop()?;
    Ok(ready_after)
}

fn terminate(child: &mut Child) -> Result<()> {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
    child.wait()?;
    Ok(())
}

fn show(what: &str, time: Duration) {
    println!("{what:<42} {:>8.2} s", time.as_secs_f64());
}

fn program(name: &str) -> PathBuf {
    Path::new("target/release").join(name)
}

/// Resident memory of a process in MiB (Linux).
fn resident(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("this needs Linux")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u32 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(f64::from(kilobytes) / 1024.0)
}

fn mega(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6
}
