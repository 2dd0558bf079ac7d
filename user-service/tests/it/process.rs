//! The program itself: it explains itself, and finds the platform it is to work beside.

use contracts::ServiceName;
use service_kit::standalone::RunFile;
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};
use test_kit::{Client, TestDatabase, until};
use user_service::MIGRATIONS;
use uuid::Uuid;

pub fn user_service(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_user-service"));
    for name in
        ["DATABASE_URL", "USER_DATABASE_URL", "DB_HOST", "AMQP_URL", "PORT", "ECOM_DATA", "ECOM_ENV", "MIGRATIONS"]
    {
        command.env_remove(name);
    }
    command.current_dir(folder).stdin(Stdio::null());
    command
}

#[test]
fn help_is_no_error_and_a_wrong_argument_is() {
    let here = Path::new(".");
    let helped = user_service(here).arg("--help").output().unwrap();
    let said = String::from_utf8(helped.stdout).unwrap();
    assert!(helped.status.success() && said.contains("user-service healthcheck"), "{said}");
    assert!(said.contains("user-service migrate"), "{said}");
    let refused = user_service(here).arg("--port=8081").output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("user-service takes no argument \"--port=8081\""), "{said}");
}

/// `cd user-service && cargo run` beside an `ecom up` that was started in the workspace's top folder.
#[tokio::test(flavor = "multi_thread")]
async fn started_in_a_folder_below_it_finds_the_running_platform() {
    let database = TestDatabase::new(ServiceName::User, &MIGRATIONS).await;
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Uuid::new_v4().to_string());
    let (below, data) = (top.join("user-service/src"), top.join(".ecom"));
    fs::create_dir_all(&below).unwrap();
    fs::create_dir_all(&data).unwrap();
    // Stands for the platform's own user-service: a run file counts only while somebody answers.
    let platform = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", platform.local_addr().unwrap());
    let run = RunFile {
        pid: std::process::id(),
        databases: BTreeMap::from([(ServiceName::User, database.work_url().to_owned())]),
        owners: BTreeMap::new(),
        services: BTreeMap::from([(ServiceName::User, address)]),
        front_door: "http://localhost:8080".to_owned(),
        public_url: "http://localhost:8080".to_owned(),
        provider_url: "http://localhost:8090".to_owned(),
        variables: BTreeMap::new(),
    };
    fs::write(data.join(RunFile::NAME), serde_json::to_vec(&run).unwrap()).unwrap();

    // Asked for and given back: nobody else takes it in this moment.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let mut running = user_service(&below).env("PORT", &port).stdout(Stdio::null()).spawn().unwrap();
    let health = || user_service(&below).env("PORT", &port).arg("healthcheck").stderr(Stdio::null()).status();
    until("the service to be ready", || async { health().ok()?.success().then_some(()) }).await;
    let ready = Client::new(format!("http://127.0.0.1:{port}")).get("/readyz").await;
    assert_eq!(ready.assert_status(200).text_at("/bus"), "carried by another process");
    assert!(Command::new("kill").arg(running.id().to_string()).status().unwrap().success());
    let ended = until("the process to end", || std::future::ready(running.try_wait().unwrap())).await;
    assert!(ended.success());
    fs::remove_dir_all(top).unwrap();
}
