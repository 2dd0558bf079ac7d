//! The process: it serves, is asked for its health, and ends when told to.

use std::process::{Command, Stdio};
use test_kit::{KeptAlive, until};

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

/// Whoever keeps a connection to the old one is sent away from it, and loses nothing.
#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_it_serves_for_a_while_and_no_request_is_lost() {
    let free_port = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let start = |port: u16| web(&port.to_string()).env("SHUTDOWN_DELAY", "1").stdout(Stdio::null()).spawn().unwrap();
    let (old_port, new_port) = (free_port(), free_port());
    let (mut old, mut new) = (start(old_port), start(new_port));
    for port in [old_port, new_port] {
        let healthy = || async { web(&port.to_string()).arg("healthcheck").status().ok()?.success().then_some(()) };
        until("the pages to be ready", healthy).await;
    }
    let clients = KeptAlive::start(8, ([127, 0, 0, 1], old_port).into(), "/assets/style.css");
    until("the clients to ask", || async { (clients.answered() > 100).then_some(()) }).await;
    assert!(Command::new("kill").arg(old.id().to_string()).status().unwrap().success());
    until("it to say that it leaves", || async { (clients.last_words() > 20).then_some(()) }).await;
    assert!(!web(&old_port.to_string()).arg("healthcheck").status().unwrap().success(), "it is ready though it leaves");
    clients.move_to(([127, 0, 0, 1], new_port).into());
    let ended = until("the old one to end", || std::future::ready(old.try_wait().unwrap())).await;
    assert!(ended.success());
    let so_far = clients.answered();
    until("the clients to go on", || async { (clients.answered() > so_far + 100).then_some(()) }).await;
    assert_eq!(clients.stop().await, Vec::<String>::new());
    assert!(Command::new("kill").arg(new.id().to_string()).status().unwrap().success());
    until("the new one to end", || std::future::ready(new.try_wait().unwrap())).await;
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
