//! The operator's commands, as programs.

use crate::program::{ecom, free_ports, signal, started, stopped, text};
use contracts::ServiceName;
use serde_json::json;
use std::process::Stdio;
use tempfile::TempDir;
use test_kit::{Client, TestDatabase, refusing_postgres};
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
    for command in ["up", "demo", "seed", "admin", "restored", "service", "migrate", "provider-sim", "healthcheck"] {
        assert!(all.contains(&format!("  {command} ")), "{all}");
        help(&[command]);
    }
    assert!(help(&["admin", "create"]).contains("The address to log in with"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_five_databases_are_migrated_by_one_command_and_never_one_for_all() {
    let folder = TempDir::new().unwrap();
    let mut databases = Vec::new();
    for (variable, service) in FIVE.into_iter().zip(ServiceName::ALL) {
        databases.push((variable, service, TestDatabase::empty(service).await));
    }
    let migrate = |names: &[&str]| {
        let mut command = ecom(folder.path(), 8080);
        command.arg("migrate").args(names).env("ECOM_ENV", "production");
        command
    };
    let one = migrate(&[]).env("DATABASE_URL", databases[0].2.url()).output().unwrap();
    assert!(!one.status.success() && text(&one).contains("USER_DATABASE_URL is not set"), "{}", text(&one));
    let named = migrate(&["user"]).env("DATABASE_URL", databases[0].2.url()).output().unwrap();
    assert!(named.status.success(), "{}", text(&named));
    let all = databases.iter().map(|(variable, _, database)| (*variable, database.url()));
    let all = migrate(&[]).envs(all).output().unwrap();
    let (status, lines) = (all.status, String::from_utf8(all.stdout).unwrap());
    assert!(status.success() && lines.lines().count() == 5, "{lines}");
    for (_, service, _) in &databases {
        let outcome = if *service == ServiceName::User { "nothing to do" } else { "the tables were brought from" };
        assert!(lines.contains(&format!("{service}: {outcome}")), "{lines}");
    }
    // Once more by their owners, for others to work with them.
    let mut owned = migrate(&[]);
    for (variable, service, database) in &databases {
        let works = database.url().replacen("postgres@", &format!("{}@", service.database_user()), 1);
        owned.env(variable, works).env(variable.replace("_DATABASE", "_OWNER_DATABASE"), database.url());
    }
    let owned = owned.output().unwrap();
    let lines = String::from_utf8(owned.stdout.clone()).unwrap();
    assert!(owned.status.success(), "{}", text(&owned));
    assert!(lines.contains("user \"order_runtime\" may work with them"), "{lines}");
    let mut same = migrate(&["user"]);
    same.envs(["USER_DATABASE_URL", "USER_OWNER_DATABASE_URL"].map(|variable| (variable, databases[0].2.url())));
    let same = same.output().unwrap();
    assert!(!same.status.success() && text(&same).contains("expected another user than the one of"), "{}", text(&same));
}

const FIVE: [&str; 5] =
    ["USER_DATABASE_URL", "PRODUCT_DATABASE_URL", "ORDER_DATABASE_URL", "PAYMENT_DATABASE_URL", "NOTIFY_DATABASE_URL"];

/// Every way `ecom` comes to a database, with the variables it is given it by.
const ON_DATABASES: [(&[&str], &[&str]); 10] = [
    (&["DATABASE_URL"], &["up"]),
    (&["DATABASE_URL"], &["service", "order"]),
    (&["ORDER_DATABASE_URL"], &["service", "order"]),
    (&["PRODUCT_DATABASE_URL"], &["seed"]),
    (&["USER_DATABASE_URL"], &["admin", "create", "--email", "boss@example.com"]),
    (&FIVE, &["up"]),
    (&FIVE, &["doctor"]),
    (&FIVE, &["events", "list"]),
    (&FIVE, &["dead-letters", "list"]),
    (&FIVE, &["timeline", "1001"]),
];

#[test]
fn a_database_that_refuses_is_told_once_with_the_variables_name_and_what_to_do() {
    let folder = TempDir::new().unwrap();
    for (code, message, what_to_do) in [
        ("28P01", "password authentication failed for user \"shop\"", "correct it, there or in "),
        ("28000", "no pg_hba.conf entry for host \"10.0.0.7\", user \"shop\"", "name a user it knows"),
        ("3D000", "database \"shop\" does not exist", "create it, or name another"),
        ("55000", "database \"shop\" is not currently accepting connections", "have it take them"),
    ] {
        let server = refusing_postgres(code, message);
        for (variables, arguments) in ON_DATABASES {
            let mut command = ecom(&folder.path().join("data"), free_ports());
            command.args(arguments).env("AMQP_URL", "amqp://127.0.0.1:9").env("RUST_LOG", "warn");
            for variable in variables {
                command.env(variable, format!("postgres://shop:wrong@{server}/shop"));
            }
            let output = command.output().unwrap();
            let said = text(&output);
            let why = format!("{code}, {variables:?}, {arguments:?}: {said}");
            assert!(!output.status.success(), "{why}");
            let named = if variables.len() == 1 { variables[0] } else { "_DATABASE_URL" };
            assert_eq!(said.matches(named).count(), 1, "{why}");
            assert_eq!(said.matches(what_to_do).count(), 1, "{why}");
            assert_eq!(said.matches(&server.to_string()).count(), 1, "{why}");
            assert!(!said.contains("at line") && !said.contains("wrong"), "{why}");
        }
    }
}
