//! A fault run as its user starts it: it ends what it started, however it ends itself. Needs RabbitMQ's and
//! PostgreSQL's programs.
#![cfg(target_os = "linux")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// A run that goes on until it is told to stop, its output, and the folder it works in.
async fn started(folder: &TempDir) -> (Child, Lines<BufReader<ChildStdout>>, PathBuf) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecom"));
    command.args(["chaos", "--orders", "100000", "--kills", "0", "--broker-kills", "0", "--postgres-kills", "0"]);
    command
        .args(["--refusals", "0"])
        .arg("--results")
        .arg(folder.path().join("results.jsonl"))
        .env("TMPDIR", folder.path());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, path)) = line.split_once("The platform is ready").and_then(|(_, rest)| rest.split_once(", in "))
        {
            return (child, lines, PathBuf::from(path.trim_end_matches('.')));
        }
        said += &line;
    }
    panic!("it ended before it began: {said}");
}

/// The processes that know the folder: services and the broker by their variables, PostgreSQL by where it works.
fn at_work(folder: &Path) -> Vec<PathBuf> {
    let name = folder.as_os_str().as_encoded_bytes();
    let knows = |process: &PathBuf| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
        let mentions = |text: &[u8]| text.windows(name.len()).any(|part| part == name);
        mentions(&environment)
            || mentions(&arguments)
            || fs::read_link(process.join("cwd")).is_ok_and(|at| at.starts_with(folder))
    };
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    processes.filter(|path| path.join("environ").exists()).filter(knows).collect()
}

async fn nothing_is_left(folder: &Path) {
    test_kit::until("all its processes to be gone", || async {
        let lives = |process: &PathBuf| {
            fs::read_to_string(process.join("stat")).is_ok_and(|stat| !stat.contains(") Z ") && !stat.contains(") X "))
        };
        (!at_work(folder).iter().any(lives)).then_some(())
    })
    .await;
    test_kit::until("its folder to be gone", || async { (!folder.exists()).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_run_that_is_killed_leaves_nothing_behind() {
    let temporary = TempDir::new().unwrap();
    let (mut child, _lines, folder) = started(&temporary).await;
    assert!(at_work(&folder).len() > 7, "five services, the provider and two servers are at work");
    child.kill().await.unwrap();
    nothing_is_left(&folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_fault_run_ends_what_it_started_and_judges_nothing() {
    let temporary = TempDir::new().unwrap();
    let (mut child, mut lines, folder) = started(&temporary).await;
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    // Read to the end, so that it can say what it has to.
    while lines.next_line().await.unwrap().is_some() {}
    let status = tokio::time::timeout(Duration::from_secs(60), child.wait()).await.unwrap().unwrap();
    assert!(!status.success());
    nothing_is_left(&folder).await;
    assert!(!temporary.path().join("results.jsonl").exists());
}
