//! The operator's commands, as programs.

use crate::program::{ecom, free_ports, signal, started, stopped, text};
use serde_json::json;
use std::process::Stdio;
use tempfile::TempDir;
use test_kit::Client;
use tokio::process::Command as AsyncCommand;

#[tokio::test(flavor = "multi_thread")]
async fn seed_and_admin_work_beside_a_running_platform_and_a_second_one_does_not() {
    let folder = TempDir::new().unwrap();
    let (data, base) = (folder.path().join("data"), free_ports());
    let child = started(&data, base).await;

    let second = ecom(&data, free_ports()).arg("up").output().unwrap();
    assert!(!second.status.success());
    assert!(text(&second).contains("another `ecom up` runs on"), "{}", text(&second));

    let seeded = ecom(&data, base).arg("seed").output().unwrap();
    assert_eq!(text(&seeded), "0 products added, 223 were there already.\n");

    let made = ecom(&data, base).args(["admin", "create", "--email", "boss@example.com"]).output().unwrap();
    let said = text(&made);
    assert!(said.starts_with("Administrator boss@example.com made"), "{said}");
    let (_, password) = said.split_once("Password, shown this once: ").unwrap();
    let door = Client::new(format!("http://127.0.0.1:{base}"));
    let login = json!({"email": "boss@example.com", "password": password.trim()});
    let token = door.post("/api/auth/login", login).await.assert_status(200).text_at("/token");
    let me = door.with_token(token).get("/api/auth/current-user").await;
    assert_eq!(me.assert_status(200).text_at("/role"), "admin");
    stopped("INT", child, &data).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulator_serves_until_it_is_told_to_stop() {
    let folder = TempDir::new().unwrap();
    let port = free_ports();
    let simulator = || {
        let mut command = ecom(folder.path(), port);
        command.args(["provider-sim", "--port", &port.to_string()]).env("RUST_LOG", "warn");
        command
    };
    let mut child = AsyncCommand::from(simulator()).stdout(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let url = format!("http://127.0.0.1:{port}/livez");
    test_kit::until("the simulator to answer", || async {
        let health = ecom(folder.path(), port).args(["healthcheck", &url]).output().unwrap();
        health.status.success().then_some(())
    })
    .await;
    signal("TERM", &child);
    assert!(child.wait().await.unwrap().success());
    assert!(folder.path().join("provider").join(provider_sim::LOG_FILE).exists());

    let refused = simulator().env("ECOM_ENV", "production").output().unwrap();
    assert!(!refused.status.success());
    assert!(text(&refused).contains("the simulator takes no money"), "{}", text(&refused));
}

#[test]
fn help_explains_every_command_and_option() {
    let folder = TempDir::new().unwrap();
    let help = |command: &[&str]| {
        let output = ecom(folder.path(), 8080).args(command).arg("--help").output().unwrap();
        assert!(output.status.success(), "{command:?}");
        text(&output)
    };
    let all = help(&[]);
    for command in ["up", "demo", "seed", "admin", "service", "provider-sim", "healthcheck"] {
        assert!(all.contains(&format!("  {command} ")), "{all}");
        help(&[command]);
    }
    assert!(help(&["admin", "create"]).contains("The address to log in with"));
}
