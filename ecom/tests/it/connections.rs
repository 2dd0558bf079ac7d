//! The program with few descriptors, while strangers hold more connections than it may have.

use crate::{
    program::{PROGRAM, free_ports, launched, signal, signed_in, stopped, with_settings},
    support::{key, order},
};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use service_kit::standalone::RunFile;
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use test_kit::{Client, until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const SILENT: usize = 3000;

/// The program with so many descriptors, and no right to more.
fn bounded(data: &Path, base: u16, descriptors: u32) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {descriptors} && exec \"$0\" \"$@\""), PROGRAM]);
    with_settings(command, data, base)
}

/// As many as a machine's hard limit allows, for the sockets of the test itself.
fn silent_ones_that_can_be_held() -> usize {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    SILENT.min(usize::try_from(hard).unwrap().saturating_sub(512))
}

/// Connections that say nothing, or half a head, in turns at each door.
async fn hold(doors: &[String], many: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for number in 0..many {
        let mut stream = TcpStream::connect(&doors[number % doors.len()]).await.unwrap();
        let beginning = ["", "G", "POST /api/orders HTTP/1.1\r\nHost: shop\r\nX: "][number % 3];
        // It may have been closed already for one that came later.
        let _ = stream.write_all(beginning.as_bytes()).await;
        held.push(stream);
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn with_1024_descriptors_and_3000_silent_connections_orders_are_placed() {
    let many = silent_ones_that_can_be_held();
    let folder = TempDir::new().unwrap();
    let (data, base) = (folder.path().join("data"), free_ports());
    let child = launched(bounded(&data, base, 1024), &data).await;
    let run: RunFile = serde_json::from_slice(&fs::read(data.join(RunFile::NAME)).unwrap()).unwrap();
    let front_door = format!("127.0.0.1:{base}");
    let services = run.services.values().chain([&run.provider_url]);
    let doors: Vec<_> =
        services.map(|url| url.strip_prefix("http://").unwrap().to_owned()).chain([front_door]).collect();
    let customer = signed_in(&Client::new(format!("http://127.0.0.1:{base}"))).await;

    let mut silent = hold(&doors, many).await;
    let mut took = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        order(&customer, &key(), "sim_ok", &[("KIT-ENAMEL-MUG-350", 1)]).await.assert_status(201);
        took.push(began.elapsed());
        // A new connection each time: one that is kept would say nothing of whether strangers are let in.
        Client::new(format!("http://127.0.0.1:{base}")).get("/api/products").await.assert_status(200);
    }
    took.sort_unstable();
    let figures = format!("beside {many} silent connections an order took {:?}, at the most {:?}", took[10], took[19]);
    writeln!(std::io::stderr(), "{figures}").unwrap();

    let mut told = String::new();
    // What it has not read of our half head may make the system end it harder.
    let _ = silent[0].read_to_string(&mut told).await;
    assert!(told.starts_with("HTTP/1.1 408 ") && told.contains("head_too_slow"), "{told}");
    drop(silent);
    stopped("TERM", child, &data).await;
}

/// More may be open than there are descriptors for: taking one on fails.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_descriptor_left_it_closes_idle_connections_and_goes_on() {
    silent_ones_that_can_be_held();
    let folder = TempDir::new().unwrap();
    let port = free_ports();
    let log = folder.path().join("log");
    let mut command = bounded(&folder.path().join("data"), port, 64);
    command.args(["provider-sim"]).env("PROVIDER_PORT", port.to_string()).env("MAX_CONNECTIONS", "100000");
    command.stdout(fs::File::create(&log).unwrap()).stderr(Stdio::null());
    let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().unwrap();
    let door = format!("127.0.0.1:{port}");
    until("the simulator to listen", || async { TcpStream::connect(&door).await.ok() }).await;
    let silent = hold(std::slice::from_ref(&door), 300).await;
    for _ in 0..5 {
        Client::new(format!("http://{door}")).get("/livez").await.assert_status(200);
    }
    until("the log to tell", || async {
        fs::read_to_string(&log).unwrap().contains("a connection could not be taken on").then_some(())
    })
    .await;
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains(r#""client.address":"127.0.0.1""#), "{said}");
    // Sums, not a line for each.
    assert!(said.lines().count() < 100, "{said}");
    drop(silent);
    signal("TERM", &child);
    assert!(tokio::time::timeout(Duration::from_secs(20), child.wait()).await.unwrap().unwrap().success());
}
