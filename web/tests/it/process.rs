//! The process: it serves, is asked for its health, and ends when told to.

use std::process::{Command, Stdio};
use test_kit::until;

fn web(port: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_web"));
    command.env("PORT", port).stderr(Stdio::null());
    command
}

#[tokio::test]
async fn it_serves_says_that_it_is_ready_and_ends_in_order() {
    // Asked for and given back: nobody else takes it in this moment.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    assert!(!web(&port).arg("healthcheck").status().unwrap().success(), "nothing runs yet");
    let mut running = web(&port).stdout(Stdio::null()).spawn().unwrap();
    until("the pages to be ready", || async { web(&port).arg("healthcheck").status().ok()?.success().then_some(()) })
        .await;
    let told = Command::new("kill").arg(running.id().to_string()).status().unwrap();
    assert!(told.success());
    let ended = until("the process to end", || std::future::ready(running.try_wait().unwrap())).await;
    assert!(ended.success());
}

#[test]
fn a_wrong_setting_is_refused_by_name() {
    let refused = web("many").stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("PORT=\"many\" is not valid"), "{said}");
}

#[test]
fn help_is_no_error() {
    let helped = web("8086").arg("--help").output().unwrap();
    let said = String::from_utf8(helped.stdout).unwrap();
    assert!(helped.status.success() && said.contains("web healthcheck"), "{said}");
}
