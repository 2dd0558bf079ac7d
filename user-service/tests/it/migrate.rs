//! `user-service migrate`, and a service that leaves its tables to it.

use crate::process::user_service;
use contracts::ServiceName;
use std::{
    net::{SocketAddr, TcpListener as StdListener},
    path::Path,
    process::{Child, Command, Output, Stdio},
};
use test_kit::{Client, TestDatabase, until};
use tokio::{
    io::{AsyncBufReadExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    process::Command as AsyncCommand,
};

/// To be raised with each migration.
const NEWEST: &str = "13 (the kit's: 11)";

fn migrate(url: &str) -> Command {
    let mut command = user_service(Path::new("."));
    // What an image has set: nothing that only serving needs is asked for.
    command.arg("migrate").env("DATABASE_URL", url).env("ECOM_ENV", "production");
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn end(child: &Child) {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
}

/// Asked for and given back: nobody else takes it in this moment.
fn free_port() -> u16 {
    StdListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Who may, where the server is, and which database.
fn parts(database: &TestDatabase) -> (&str, &str, &str) {
    let (server, name) = database.url().rsplit_once('/').unwrap();
    let (user, address) = server.rsplit_once('@').unwrap();
    (user, address, name)
}

#[tokio::test(flavor = "multi_thread")]
async fn migrating_says_what_it_did_and_a_second_time_that_there_was_nothing_to_do() {
    let database = TestDatabase::empty(ServiceName::User).await;
    let first = migrate(database.url()).output().unwrap();
    let brought = format!("user-service: the tables were brought from version none (the kit's: none) to {NEWEST}\n");
    assert!(first.status.success(), "{first:?}");
    assert_eq!(said(&first), brought);
    let nothing = format!("user-service: nothing to do: the tables are at version {NEWEST}\n");
    let second = migrate(database.url()).output().unwrap();
    assert!(second.status.success() && said(&second) == nothing, "{second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_that_it_does_not_know_keeps_it_from_migrating() {
    let database = TestDatabase::empty(ServiceName::User).await;
    let refused = migrate(database.url()).arg("--dry-run").output().unwrap();
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && why.contains("takes no argument \"migrate --dry-run\""), "{why}");
    assert!(said(&migrate(database.url()).output().unwrap()).contains("from version none"));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_do_it_once() {
    let database = TestDatabase::empty(ServiceName::User).await;
    let running: Vec<_> =
        (0..4).map(|_| migrate(database.url()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()).collect();
    let mut outcomes: Vec<_> = running.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    assert!(outcomes.iter().all(|outcome| outcome.status.success()), "{outcomes:?}");
    outcomes.retain(|outcome| said(outcome).contains("brought from version none"));
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
}

#[test]
fn a_database_that_is_named_wrongly_or_badly_guarded_is_refused_at_once() {
    for (url, sentence) in [
        ("", "DATABASE_URL is not set"),
        ("postgres://shop:shop@db/user_db", "DATABASE_URL"),
        ("mysql://shop:secret@db/user_db", "DATABASE_URL"),
    ] {
        let refused = migrate(url).output().unwrap();
        let why = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && why.starts_with("user-service: ") && why.contains(sentence), "{why}");
        assert_eq!(said(&refused), "");
    }
}

/// Lets whoever connects to `port` through to the server of `database`.
async fn let_through(port: u16, database: &TestDatabase) {
    let server = parts(database).1.to_owned();
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let server = server.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(&server).await?;
                copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_for_a_server_that_is_still_to_come_and_tells_each_try() {
    let (database, port) = (TestDatabase::empty(ServiceName::User).await, free_port());
    let (user, _, name) = parts(&database);
    let mut command = AsyncCommand::from(migrate(&format!("{user}@127.0.0.1:{port}/{name}")));
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut log = BufReader::new(running.stderr.take().unwrap()).lines();
    for _ in 0..2 {
        let tried = log.next_line().await.unwrap().unwrap();
        assert!(tried.contains("trying again") && tried.contains("no PostgreSQL can be talked to"), "{tried}");
    }
    let_through(port, &database).await;
    let done = running.wait_with_output().await.unwrap();
    assert!(done.status.success() && said(&done).contains(NEWEST), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_while_it_waits_it_ends_and_does_not_say_that_it_was_done() {
    let mut command = AsyncCommand::from(migrate(&format!("postgres://shop:secret@127.0.0.1:{}/shop", free_port())));
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(running.stderr.take().unwrap()).lines();
    log.next_line().await.unwrap().expect("it tells of its first try");
    assert!(Command::new("kill").arg(running.id().unwrap().to_string()).status().unwrap().success());
    let ended = running.wait_with_output().await.unwrap();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert_eq!(said(&ended), "");
    let mut last = String::new();
    while let Some(line) = log.next_line().await.unwrap() {
        last = line;
    }
    assert!(last.contains("told to end before the tables were up to date"), "{last}");
}

struct Waiting {
    child: Child,
    client: Client,
    port: u16,
}

impl Waiting {
    /// With `MIGRATIONS=off`, on `url`. Its broker is away, which is no matter.
    async fn start(url: &str) -> Self {
        let port = free_port();
        let mut command = user_service(Path::new("."));
        command.env("MIGRATIONS", "off").env("DATABASE_URL", url).env("AMQP_URL", "amqp://shop:secret@127.0.0.1:9");
        command.env("PORT", port.to_string()).env("USER_SERVICE_URL", format!("http://127.0.0.1:{port}"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        until("it to listen", || async { TcpStream::connect(("127.0.0.1", port)).await.ok() }).await;
        Self { child, client: Client::new(format!("http://127.0.0.1:{port}")), port }
    }

    fn is_healthy(&self) -> bool {
        let mut asking = user_service(Path::new("."));
        let asked = asking.env("PORT", self.port.to_string()).arg("healthcheck").stderr(Stdio::null()).status();
        asked.unwrap().success()
    }

    async fn ends(mut self) {
        end(&self.child);
        let ended = until("the process to end", || std::future::ready(self.child.try_wait().unwrap())).await;
        assert!(ended.success(), "{ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_a_service_waits_for_its_tables_and_goes_on_by_itself() {
    let database = TestDatabase::empty(ServiceName::User).await;
    let service = Waiting::start(database.url()).await;
    service.client.get("/livez").await.assert_status(200);
    let not_ready = service.client.get("/readyz").await;
    assert_eq!(
        not_ready.assert_status(503).body,
        serde_json::json!({
            "service": "user-service", "ready": false, "leaving": false, "database": "reachable",
            "tables": format!("at version none (the kit's: none), and this program needs {NEWEST}: run `user-service migrate`"),
        })
    );
    let refused = service.client.get("/auth/current-user").await;
    refused.assert_problem(503, "starting");
    assert!(refused.headers.contains_key("retry-after") && !service.is_healthy());
    assert_eq!(database.count("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").await, 0);

    assert!(migrate(database.url()).stdout(Stdio::null()).status().unwrap().success());
    until("it to be ready", || async { service.is_healthy().then_some(()) }).await;
    let ready = service.client.get("/readyz").await;
    assert_eq!(ready.assert_status(200).text_at("/tables"), format!("at version {NEWEST}"));
    service.client.get("/auth/current-user").await.assert_status(401);
    service.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_while_it_waits_for_its_tables_it_ends_at_once() {
    let service = Waiting::start(&format!("postgres://shop:secret@127.0.0.1:{}/shop", free_port())).await;
    let not_ready = service.client.get("/readyz").await;
    not_ready.assert_status(503);
    assert_eq!(not_ready.text_at("/database"), "away");
    assert!(!not_ready.text.contains("secret") && !not_ready.text.contains("127.0.0.1"), "{}", not_ready.text);
    service.ends().await;
}
