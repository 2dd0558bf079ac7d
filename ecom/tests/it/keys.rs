//! The two keys that `ecom up` makes for itself: what its services sign with is sealed in their databases, and who is
//! logged in to the pages stays so.

use crate::program::{PROGRAM, ecom, free_ports, launched, signed_in, started, stopped, text};
use contracts::ServiceName;
use service_kit::{Env, Environment, Vault};
use sqlx::{Connection, PgConnection};
use std::{fs, os::unix::fs::MetadataExt, path::Path};
use tempfile::TempDir;
use test_kit::Client;

const GIVEN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// All that is sealed, by the table and the columns of the name and the secret.
const SEALED: [(&str, &str, &str); 2] = [("signing_keys", "kid", "private_key"), ("secrets", "name", "value")];

fn vault(key: &str) -> Vault {
    Vault::read(&Env::of([("SECRETS_KEY", key)]), Environment::Development).unwrap()
}

/// Opens what the services sealed, as they kept it before there was a key; tells how many secrets that were.
async fn kept_as_before(data: &Path) -> usize {
    let vault = vault(&fs::read_to_string(data.join("secrets-key")).unwrap());
    let mut opened = 0;
    in_databases(data, async |service, connection| {
        for (table, name, secret) in tables(service) {
            for (of, kept) in rows(connection, table, name, secret).await {
                assert!(vault.is_kept_well(&kept), "{service}: {table} holds {of} open");
                let update = format!("UPDATE {table} SET {secret} = $2 WHERE {name} = $1");
                let update = sqlx::query(sqlx::AssertSqlSafe(update)).bind(&of).bind(vault.open(&of, &kept).unwrap());
                update.execute(&mut *connection).await.unwrap();
                opened += 1;
            }
        }
    })
    .await;
    fs::remove_file(data.join("secrets-key")).unwrap();
    fs::remove_file(data.join("web-cookie-key")).unwrap();
    opened
}

/// How many secrets are sealed under the folder's key, and that no others are there.
async fn all_sealed(data: &Path) -> usize {
    let vault = vault(&fs::read_to_string(data.join("secrets-key")).unwrap());
    let mut sealed = 0;
    in_databases(data, async |service, connection| {
        for (table, name, secret) in tables(service) {
            for (of, kept) in rows(connection, table, name, secret).await {
                assert!(vault.is_kept_well(&kept) && vault.open(&of, &kept).is_ok(), "{service}: {table}, {of}");
                sealed += 1;
            }
        }
    })
    .await;
    sealed
}

/// Only user-service has secrets besides the keys it signs with.
fn tables(service: ServiceName) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    SEALED.into_iter().take(if service == ServiceName::User { 2 } else { 1 })
}

async fn rows(connection: &mut PgConnection, table: &str, name: &str, secret: &str) -> Vec<(String, Vec<u8>)> {
    let rows = sqlx::AssertSqlSafe(format!("SELECT {name}, {secret} FROM {table}"));
    sqlx::query_as(rows).fetch_all(connection).await.unwrap()
}

/// Works in the databases of a folder on which nothing runs.
async fn in_databases(data: &Path, mut work: impl AsyncFnMut(ServiceName, &mut PgConnection)) {
    let mut settings = dev_postgres::Settings::new(data.join("postgres"));
    settings.launcher = Some(PROGRAM.into());
    let server = tokio::task::spawn_blocking(|| dev_postgres::start(settings)).await.unwrap().unwrap();
    for service in ServiceName::ALL {
        let mut connection = PgConnection::connect(&server.url(service.database())).await.unwrap();
        work(service, &mut connection).await;
        connection.close().await.unwrap();
    }
    server.stop().unwrap();
}

/// Logs in to the pages as a browser does, and gives what it keeps.
async fn logged_in_at_the_pages(base: u16) -> String {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = client.post(format!("http://127.0.0.1:{base}/login")).header("sec-fetch-site", "same-origin");
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let answer = form.body("email=ada%40example.com&password=correct+horse+battery").send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let session = cookies.into_iter().find(|line| line.starts_with("__Host-session=")).unwrap();
    session.split(';').next().unwrap().to_owned()
}

async fn knows_who_is_there(base: u16, cookie: &str) -> bool {
    let page = Client::new(format!("http://127.0.0.1:{base}")).with_header("cookie", cookie).get("/").await;
    page.assert_status(200).text.contains("Log out")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_from_before_the_keys_is_sealed_by_the_next_start_and_what_was_signed_stays_good() {
    let home = TempDir::new().unwrap();
    let (data, base) = (home.path().join("data"), free_ports());
    let door = || Client::new(format!("http://127.0.0.1:{base}"));
    let child = started(&data, base).await;
    let ada = signed_in(&door()).await;
    stopped("TERM", child, &data).await;
    let opened = kept_as_before(&data).await;
    // A key for each of the five, and of user-service's own those of links and of refresh tokens.
    assert!(opened >= 7, "{opened}");

    let child = started(&data, base).await;
    for made in ["secrets-key", "web-cookie-key"] {
        assert_eq!(fs::metadata(data.join(made)).unwrap().mode() & 0o7777, 0o600, "{made}");
    }
    ada.get("/api/orders").await.assert_status(200);
    let cookie = logged_in_at_the_pages(base).await;
    assert!(knows_who_is_there(base, &cookie).await);
    // A command beside it opens the databases as the services do.
    let admin = ecom(&data, base).args(["admin", "create", "--email", "boss@example.com"]).output().unwrap();
    assert!(admin.status.success(), "{}", text(&admin));
    stopped("TERM", child, &data).await;
    assert_eq!(all_sealed(&data).await, opened);

    let child = started(&data, base).await;
    ada.get("/api/orders").await.assert_status(200);
    assert!(knows_who_is_there(base, &cookie).await, "a restart has logged everybody out of the pages");
    stopped("TERM", child, &data).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_key_that_sealed_a_folder_the_start_says_which_variable_has_it() {
    let home = TempDir::new().unwrap();
    let (data, base) = (home.path().join("data"), free_ports());
    let given = || {
        let mut command = ecom(&data, base);
        command.env("SECRETS_KEY", GIVEN);
        command
    };
    let child = launched(given(), &data).await;
    assert!(!data.join("secrets-key").exists());
    // Beside it, a command needs not be told.
    let admin = ecom(&data, base).args(["admin", "create", "--email", "boss@example.com"]).output().unwrap();
    assert!(admin.status.success(), "{}", text(&admin));
    stopped("TERM", child, &data).await;

    let refused = ecom(&data, base).output().unwrap();
    assert!(!refused.status.success());
    assert!(text(&refused).contains("under another key than this one (set SECRETS_KEY)"), "{}", text(&refused));
    stopped("TERM", launched(given(), &data).await, &data).await;
}
