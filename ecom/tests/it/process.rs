//! The program itself: started as its user starts it, stopped as its user stops it.

use crate::program::{
    PROGRAM, demo, ecom, ecom_that_modes_stop, free_ports, lives, postmaster, signal, started, stopped, text,
};
use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, process::Stdio};
use tempfile::TempDir;
use test_kit::Client;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::Command as AsyncCommand,
};

#[test]
fn the_journey_passes_on_the_bundled_postgresql() {
    let folder = TempDir::new().unwrap();
    let output = demo(&folder.path().join("data"), free_ports()).env("ECOM_POSTGRES", "bundled").output().unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("Done: order 1001 is paid."), "{text}");
    // `cargo xtask figures` reads it here.
    assert!(text.contains(" ms after the order was sent"), "{text}");
    assert_every_event_is_shown_in_its_place(&text);
}

/// What a request caused stands before the request's own line, and the last mails' events are there as well.
fn assert_every_event_is_shown_in_its_place(text: &str) {
    let lines: Vec<&str> = text.lines().collect();
    let place = |what: &str| lines.iter().position(|line| line.contains(what)).expect(what);
    for (event, step) in [
        (" event user.verification_requested ", " ms  registered "),
        (" event user.registered ", " ms  address confirmed "),
        (" event user.verified ", " ms  address confirmed "),
        (" event order.created ", " ms  ordered "),
        (" event order.paid ", " ms  order settled "),
    ] {
        assert!(place(event) < place(step), "{event} is shown after {step}: {text}");
    }
    let mut events: Vec<_> =
        lines.iter().filter_map(|line| line.split_once(" ms      event ")?.1.split_whitespace().next()).collect();
    events.sort_unstable();
    let mails = ["notification.sent"; 4];
    let others = [
        "order.created",
        "order.paid",
        "payment.completed",
        "user.registered",
        "user.verification_requested",
        "user.verified",
    ];
    assert_eq!(events, [&mails[..], &others].concat(), "{text}");
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
    // A closed terminal.
    stopped("HUP", child, &data).await;

    let child = started(&data, base).await;
    let output = demo(&data, base).output().unwrap();
    assert!(text(&output).contains("Done: order 1002 is paid."), "{}", text(&output));
    stopped("TERM", child, &data).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_its_own_works_beside_a_running_platform() {
    let folder = TempDir::new().unwrap();
    let (data, base) = (folder.path().join("data"), free_ports());
    let child = started(&data, base).await;
    let port = free_ports();
    let mut service = AsyncCommand::from(ecom(&data, base));
    service.args(["service", "user"]).env("PORT", port.to_string()).stdout(Stdio::null());
    let service = service.kill_on_drop(true).spawn().unwrap();
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
    stopped("TERM", child, &data).await;
}

#[test]
fn without_anything_to_work_beside_a_service_says_what_is_missing() {
    let folder = TempDir::new().unwrap();
    let output = ecom(folder.path(), 8080).args(["service", "order"]).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains("DATABASE_URL is not set, and no running `ecom up` was found"), "{}", text(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_while_it_starts_it_stops() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut command = AsyncCommand::from(ecom(&data, free_ports()));
    let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    output.read_line(&mut said).await.unwrap();
    assert!(said.starts_with("First start: making a PostgreSQL cluster"), "{said}");
    signal("TERM", &child);
    output.read_to_string(&mut said).await.unwrap();
    assert!(child.wait().await.unwrap().success(), "{said}");
    assert!(said.contains("Stopping before it was up") && !said.contains("is ready"), "{said}");
    assert!(postmaster(&data).is_none_or(|postgres| !lives(postgres)), "PostgreSQL was left behind");
}

#[test]
fn a_broken_simulator_stops_the_start() {
    let folder = TempDir::new().unwrap();
    let (data, base) = (folder.path().join("data"), free_ports());
    fs::create_dir_all(data.join("provider")).unwrap();
    fs::write(data.join("ecom-data"), "").unwrap();
    fs::write(data.join("provider").join(provider_sim::LOG_FILE), "not an entry\n").unwrap();
    let damaged = ecom(&data, base).output().unwrap();
    fs::remove_dir_all(data.join("provider")).unwrap();
    fs::write(data.join("provider"), "a file where the folder should be").unwrap();
    let unwritable = ecom(&data, base).output().unwrap();
    for (output, why) in [(damaged, "is damaged"), (unwritable, "making the provider's data folder")] {
        let text = text(&output);
        assert!(!output.status.success(), "{text}");
        assert!(text.contains("the payment provider's simulator cannot go on: ") && text.contains(why), "{text}");
        assert!(!text.contains("is ready"), "{text}");
    }
    assert!(postmaster(&data).is_none_or(|postgres| !lives(postgres)), "PostgreSQL was left behind");
}

/// A PostgreSQL server of this test's own stands for the operator's.
#[tokio::test(flavor = "multi_thread")]
async fn the_journey_passes_on_servers_of_the_operators() {
    let folder = TempDir::new().unwrap();
    let mut settings = dev_postgres::Settings::new(folder.path().join("server"));
    settings.launcher = Some(PROGRAM.into());
    let server = tokio::task::spawn_blocking(|| dev_postgres::start(settings)).await.unwrap().unwrap();
    let broker = service_kit::Env::process().text("TEST_AMQP_URL").unwrap().expect("`cargo xtask test` sets it");
    let (data, base) = (folder.path().join("data"), free_ports());
    let mut command = ecom(&data, base);
    command.env("DATABASE_URL", server.url("postgres")).env("AMQP_URL", broker);
    let output = command.arg("demo").output().unwrap();
    let text = text(&output);
    assert!(output.status.success() && text.contains("Done: order 1001 is paid."), "{text}");
    assert!(!data.join("postgres").exists(), "a PostgreSQL of its own was not wanted");
    server.stop().unwrap();
}

#[test]
fn a_demo_of_a_named_platform_starts_no_other() {
    let folder = TempDir::new().unwrap();
    let (data, base) = (folder.path().join("data"), free_ports());
    let output = demo(&data, base).args(["--url", &format!("http://localhost:{base}")]).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains(&format!("no platform answers at http://localhost:{base}/")), "{}", text(&output));
    assert!(!data.exists());
}

#[test]
fn a_taken_port_is_named() {
    let folder = TempDir::new().unwrap();
    let base = free_ports();
    let _taken = TcpListener::bind(("127.0.0.1", base + 3)).unwrap();
    let output = ecom(&folder.path().join("data"), base).output().unwrap();
    assert!(!output.status.success());
    let text = text(&output);
    assert!(text.contains(&format!("port {}, wanted by order-service, cannot be used", base + 3)), "{text}");
    assert!(text.contains("end the program that has it"), "{text}");
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
fn a_folder_that_cannot_be_had_is_refused_with_a_sentence() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for (data, sentence) in
        [(file.clone(), "is a file, but the data folder"), (file.join("below"), "cannot be written")]
    {
        let output = ecom(&data, free_ports()).output().unwrap();
        assert!(!output.status.success());
        assert!(text(&output).contains(sentence), "{}", text(&output));
    }
}

#[test]
fn a_folder_in_which_this_user_may_not_write_is_refused_with_a_sentence() {
    let folder = TempDir::new().unwrap();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    for data in [closed.join("data"), closed.clone()] {
        let output = ecom_that_modes_stop(&data, free_ports()).output().unwrap();
        assert!(!output.status.success());
        let text = text(&output);
        assert!(text.contains("cannot be written: give this user the right"), "{text}");
        assert!(text.contains("Permission denied"), "{text}");
    }
    assert_eq!(fs::read_dir(&closed).unwrap().count(), 0);
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
fn the_simulators_port_is_taken_only_for_the_simulator() {
    let folder = TempDir::new().unwrap();
    let (data, base) = (folder.path().join("data"), free_ports());
    let _taken = TcpListener::bind(("127.0.0.1", base + 10)).unwrap();
    let output = demo(&data, base).output().unwrap();
    assert!(text(&output).contains("wanted by the payment provider's simulator"), "{}", text(&output));
    // With a provider of the operator's it comes as far as the database, which is not there.
    let mut command = ecom(&data, base);
    let output =
        command.env("PROVIDER_URL", "http://127.0.0.1:9").env("DATABASE_URL", "postgres://127.0.0.1:9/postgres");
    let output = output.output().unwrap();
    assert!(text(&output).contains("DATABASE_URL: no PostgreSQL can be talked to at 127.0.0.1:9"), "{}", text(&output));
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
fn production_refuses_by_name_what_is_missing_or_can_be_read_by_others() {
    let folder = TempDir::new().unwrap();
    // A database that is not there: nothing gets further than that.
    let nowhere = "postgres://shop:hunter2@127.0.0.1:9/shop";
    let mut given = vec![("ECOM_ENV", "production"), ("DATABASE_URL", nowhere)];
    for (name, value, refused) in [
        ("PROVIDER_URL", "http://pay.example.com", "PUBLIC_URL is not set: expected https://"),
        ("PUBLIC_URL", "http://shop.example.com", "PUBLIC_URL is not encrypted, which ECOM_ENV=production refuses"),
        ("PUBLIC_URL", "https://shop.example.com", "SECRETS_KEY is not set: expected 32 bytes in base64"),
        ("SECRETS_KEY", "c2hvcnQ=", "is not valid: expected 32 bytes in base64"),
        (
            "SECRETS_KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "DATABASE_URL: no PostgreSQL can be talked to at 127.0.0.1:9",
        ),
    ] {
        given.push((name, value));
        let output = ecom(&folder.path().join("data"), free_ports()).envs(given.iter().copied()).output().unwrap();
        assert!(!output.status.success());
        assert!(text(&output).contains(refused), "{}", text(&output));
    }
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
