//! The program itself: started as its user starts it, stopped as its user stops it.

use service_kit::standalone::RunFile;
use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use test_kit::Client;
use tokio::process::{Child, Command as AsyncCommand};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecom");

fn ecom(data: &Path, base: u16) -> Command {
    let mut command = Command::new(PROGRAM);
    for name in ["DATABASE_URL", "AMQP_URL", "PORT", "ECOM_POSTGRES", "SMTP_URL", "PUBLIC_URL"] {
        command.env_remove(name);
    }
    command.env("ECOM_DATA", data).env("ECOM_PORT_BASE", base.to_string()).env("BCRYPT_COST", "4").stdin(Stdio::null());
    command
}

/// The first of eleven ports in a row that nobody has.
fn free_ports() -> u16 {
    loop {
        let base = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        // Below the range from which the system gives out ports to others.
        let base = 10_000 + base % 20_000;
        if (base..=base + 10).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return base;
        }
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn demo(data: &Path, base: u16) -> Command {
    let mut command = ecom(data, base);
    command.args(["demo", "--url", &format!("http://localhost:{base}")]);
    command
}

/// Whether a process lives; a zombie does not.
fn lives(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

async fn started(data: &Path, base: u16) -> Child {
    let child = AsyncCommand::from(ecom(data, base)).stdout(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    test_kit::until("the platform to be ready", || async { data.join(RunFile::NAME).exists().then_some(()) }).await;
    child
}

async fn stopped(mut child: Child, data: &Path) {
    let postgres: u32 = {
        let file = fs::read_to_string(data.join("postgres/postmaster.pid")).unwrap();
        file.lines().next().unwrap().parse().unwrap()
    };
    let asked = Instant::now();
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let status = child.wait().await.unwrap();
    assert!(status.success(), "{status}");
    // Not a measurement: the promise is ten seconds.
    assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?} to stop", asked.elapsed());
    assert!(!lives(postgres), "PostgreSQL was left behind");
    assert!(!data.join(RunFile::NAME).exists());
}

#[test]
fn the_journey_passes_on_the_bundled_postgresql() {
    let folder = TempDir::new().unwrap();
    let output = demo(&folder.path().join("data"), free_ports()).env("ECOM_POSTGRES", "bundled").output().unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("Done: order 1001 is paid."), "{text}");
}

#[test]
fn a_lost_answer_of_the_provider_does_not_lose_the_order() {
    let folder = TempDir::new().unwrap();
    let mut command = demo(&folder.path().join("data"), free_ports());
    let output = command.args(["--method", "sim_lost"]).output().unwrap();
    assert!(text(&output).contains("Done: order 1001 is paid."), "{}", text(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_finds_its_data_and_a_stop_leaves_no_process() {
    let folder = TempDir::new().unwrap();
    let (data, base) = (folder.path().join("data"), free_ports());
    let child = started(&data, base).await;
    let output = demo(&data, base).output().unwrap();
    assert!(text(&output).contains("Done: order 1001 is paid."), "{}", text(&output));
    stopped(child, &data).await;

    let child = started(&data, base).await;
    let output = demo(&data, base).output().unwrap();
    assert!(text(&output).contains("Done: order 1002 is paid."), "{}", text(&output));
    stopped(child, &data).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_its_own_works_beside_a_running_platform() {
    let folder = TempDir::new().unwrap();
    let (data, base) = (folder.path().join("data"), free_ports());
    let child = started(&data, base).await;
    let port = free_ports();
    let mut service = AsyncCommand::from(ecom(&data, base));
    let service = service.args(["service", "user"]).env("PORT", port.to_string()).kill_on_drop(true).spawn().unwrap();
    let beside = Client::new(format!("http://127.0.0.1:{port}"));
    test_kit::until("the service beside to be ready", || async {
        TcpListener::bind(("0.0.0.0", port)).is_err().then_some(())
    })
    .await;
    let ready = beside.get("/readyz").await;
    assert_eq!(ready.assert_status(200).text_at("/bus"), "carried by another process");
    // What it announces reaches the others through the platform's relay.
    let person = serde_json::json!({
        "first_name": "Ada", "last_name": "L", "email": "ada@example.com", "password": "correct horse"
    });
    beside.post("/auth/register", person).await.assert_status(201);
    let door = Client::new(format!("http://127.0.0.1:{base}"));
    test_kit::until("the mail", || async {
        let mails = door.get("/dev/mails.json?to=ada@example.com").await;
        (!mails.body.as_array()?.is_empty()).then_some(())
    })
    .await;
    drop(service);
    stopped(child, &data).await;
}

#[test]
fn without_anything_to_work_beside_a_service_says_what_is_missing() {
    let folder = TempDir::new().unwrap();
    let output = ecom(folder.path(), 8080).args(["service", "order"]).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains("DATABASE_URL is not set, and no running `ecom up` was found"), "{}", text(&output));
}

#[test]
fn a_taken_port_is_named() {
    let folder = TempDir::new().unwrap();
    let base = free_ports();
    let _taken = TcpListener::bind(("127.0.0.1", base + 3)).unwrap();
    let output = ecom(&folder.path().join("data"), base).output().unwrap();
    assert!(!output.status.success());
    let sentence = format!("port {}, wanted by order-service, cannot be used", base + 3);
    assert!(text(&output).contains(&sentence), "{}", text(&output));
}

#[test]
fn a_foreign_folder_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("thesis.txt"), "five years of work").unwrap();
    let output = ecom(folder.path(), free_ports()).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains("holds files that are not Ecom-Micro's"), "{}", text(&output));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_broken_cluster_is_refused_with_a_sentence() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("ecom-data"), "").unwrap();
    fs::create_dir(folder.path().join("postgres")).unwrap();
    fs::write(folder.path().join("postgres/PG_VERSION"), "9.6\n").unwrap();
    let output = ecom(folder.path(), free_ports()).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains("9.6"), "{}", text(&output));
}

#[test]
fn production_never_charges_the_simulator() {
    let folder = TempDir::new().unwrap();
    let mut command = ecom(&folder.path().join("data"), free_ports());
    let output = command.env("ECOM_ENV", "production").env_remove("PROVIDER_URL").output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains("PROVIDER_URL is not set"), "{}", text(&output));
}

#[test]
fn a_wrong_variable_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    for (name, value) in [("ECOM_PORT_BASE", "many"), ("ECOM_ENV", "testing"), ("BCRYPT_COST", "99")] {
        let output = ecom(&folder.path().join("data"), free_ports()).env(name, value).output().unwrap();
        assert!(!output.status.success());
        assert!(text(&output).contains(&format!("{name}={value:?} is not valid: expected")), "{}", text(&output));
    }
}
