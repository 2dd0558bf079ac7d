use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dev_postgres::{Durability, Settings};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

/// A folder for one test, and a cluster folder in it that is not there yet.
pub(crate) fn fresh() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("some/data");
    (folder, data)
}

/// A test binary's `main` is not ours: the crate's own program becomes the server.
pub(crate) fn settings(data: &Path) -> Settings {
    let mut settings = Settings::new(data);
    settings.launcher = Some(program().into());
    settings.durability = Durability::Off;
    settings
}

pub(crate) fn program() -> &'static str {
    env!("CARGO_BIN_EXE_dev-postgres")
}

/// The first column of the first row, as text.
pub(crate) fn ask(url: &str, sql: &str) -> String {
    runtime().block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let answer = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        answer
    })
}

pub(crate) fn execute(url: &str, sql: &str) {
    runtime().block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// `dev-postgres run` as a process of its own, and the URL it printed.
pub(crate) fn run(data: &Path, options: &[&str]) -> (Child, String) {
    let mut child = Command::new(program()).arg("run").arg(data).args(options).stdout(Stdio::piped()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    (child, url.trim().to_owned())
}

/// The server's process, from its own notes.
pub(crate) fn postmaster(data: &Path) -> i32 {
    let notes = std::fs::read_to_string(data.join("postmaster.pid")).unwrap();
    notes.lines().next().unwrap().parse().unwrap()
}

pub(crate) fn socket_folder(url: &str) -> PathBuf {
    url.split_once("?host=").unwrap().1.into()
}

pub(crate) fn eventually(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
