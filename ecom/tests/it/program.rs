//! `ecom` as a program, for the tests that start it.

use serde_json::json;
use service_kit::standalone::RunFile;
use std::{
    fs,
    net::TcpListener,
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};
use test_kit::Client;
use tokio::process::{Child, Command as AsyncCommand};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_ecom");

pub fn ecom(data: &Path, base: u16) -> Command {
    with_settings(Command::new(PROGRAM), data, base)
}

/// The same for a user whom the modes of files stop. They do not stop root, for whom the tests may run: then the right
/// to pass over them is laid down first.
pub fn ecom_that_modes_stop(data: &Path, base: u16) -> Command {
    if fs::metadata("/proc/self").is_ok_and(|own| own.uid() != 0) {
        return ecom(data, base);
    }
    let mut command = Command::new("setpriv");
    command.args(["--inh-caps=-dac_override", "--bounding-set=-dac_override", PROGRAM]);
    with_settings(command, data, base)
}

pub fn with_settings(mut command: Command, data: &Path, base: u16) -> Command {
    for name in [
        "DATABASE_URL",
        "AMQP_URL",
        "PORT",
        "ECOM_ENV",
        "ECOM_POSTGRES",
        "PROVIDER_URL",
        "SMTP_URL",
        "PUBLIC_URL",
        "SECRETS_KEY",
        "WEB_COOKIE_KEY",
    ] {
        command.env_remove(name);
    }
    command.env("ECOM_DATA", data).env("ECOM_PORT_BASE", base.to_string()).env("BCRYPT_COST", "4").stdin(Stdio::null());
    command
}

/// Finds the platform that runs on `data`, or starts one on the ports from `base`.
pub fn demo(data: &Path, base: u16) -> Command {
    let mut command = ecom(data, base);
    command.arg("demo");
    command
}

/// The first of eleven ports in a row that nobody has.
pub fn free_ports() -> u16 {
    loop {
        let base = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        // Below the range from which the system gives out ports to others.
        let base = 10_000 + base % 20_000;
        if (base..=base + 10).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return base;
        }
    }
}

pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Whether a process lives; a zombie does not.
pub fn lives(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// The PostgreSQL that runs, or ran, on the data folder.
pub fn postmaster(data: &Path) -> Option<u32> {
    let file = fs::read_to_string(data.join("postgres/postmaster.pid")).ok()?;
    file.lines().next()?.parse().ok()
}

pub fn signal(name: &str, child: &Child) {
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
}

pub async fn started(data: &Path, base: u16) -> Child {
    launched(ecom(data, base), data).await
}

/// Starts the platform by a command that says more than the folder and the ports.
pub async fn launched(command: Command, data: &Path) -> Child {
    let child = AsyncCommand::from(command).stdout(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    test_kit::until("the platform to be ready", || async { data.join(RunFile::NAME).exists().then_some(()) }).await;
    child
}

pub async fn stopped(by: &str, mut child: Child, data: &Path) {
    let postgres = postmaster(data).unwrap();
    let asked = Instant::now();
    signal(by, &child);
    let status = child.wait().await.unwrap();
    assert!(status.success(), "{status}");
    // Not a measurement: the promise is ten seconds.
    assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?} to stop", asked.elapsed());
    assert!(!lives(postgres), "PostgreSQL was left behind");
    assert!(!data.join(RunFile::NAME).exists());
}

/// A customer who came by the way people come, in a platform of development.
pub async fn signed_in(door: &Client) -> Client {
    let (email, password) = ("ada@example.com", "correct horse battery");
    let person = json!({"first_name": "Ada", "last_name": "Lovelace", "email": email, "password": password});
    door.post("/api/auth/register", person).await.assert_status(201);
    let link = test_kit::until("the mail", || async {
        let mails = door.get(&format!("/dev/mails.json?to={email}")).await;
        let text = mails.body.as_array()?.first()?["text"].as_str()?.to_owned();
        Some(text.split_once("token=")?.1.split_whitespace().next()?.to_owned())
    })
    .await;
    let confirmation = json!({"token": link, "password": password});
    let confirmed = door.post("/api/auth/verify-email", confirmation).await;
    if !confirmed.status.is_success() {
        door.post("/api/auth/verify-email", json!({ "token": link })).await.assert_status(200);
    }
    let login = door.post("/api/auth/login", json!({"email": email, "password": password})).await;
    door.with_token(login.assert_status(200).text_at("/token"))
}
