//! The data folder is its user's alone, whatever the umask says: mails in it hold links that open accounts, run.json holds
//! the addresses of databases.

use crate::program::{PROGRAM, ecom, free_ports, launched, stopped};
use serde_json::json;
use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;
use test_kit::{Client, until};

/// All that is in a folder, itself included; links are not followed.
fn all(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![path.to_owned()];
    if fs::symlink_metadata(path).is_ok_and(|own| own.is_dir()) {
        let entries = fs::read_dir(path).unwrap();
        found.extend(entries.flat_map(|entry| all(&entry.unwrap().path())));
    }
    found
}

fn open_to_others(data: &Path) -> Vec<String> {
    let entries = all(data).into_iter().filter_map(|path| {
        // PostgreSQL's own files come and go.
        let found = fs::symlink_metadata(&path).ok()?;
        let open = !found.is_symlink() && found.mode() & 0o077 != 0;
        open.then(|| format!("{:o} {}", found.mode() & 0o7777, path.display()))
    });
    entries.collect()
}

/// What somebody else on this machine can read of it; only root can try.
fn read_by_nobody(data: &Path) -> Option<String> {
    let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "find"]).arg(data).args(["-mindepth", "1"]);
    root.then(|| String::from_utf8(command.output().unwrap().stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_reads_the_data_folder_whatever_the_umask_and_what_was_open_is_closed() {
    let home = TempDir::new().unwrap();
    // Else nobody would get so far as to the data folder itself.
    fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
    let (data, base) = (home.path().join("data"), free_ports());
    let careless = || {
        let settings = ecom(&data, base);
        let mut command = Command::new("sh");
        command.args(["-c", "umask 0; exec \"$0\" up", PROGRAM]);
        for (name, value) in settings.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    };
    for run in ["new", "opened by an older version"] {
        let child = launched(careless(), &data).await;
        let person = json!({"first_name": "Ada", "last_name": "Lovelace", "email": format!("{base}.{}@example.com", run.len()),
                            "password": "correct horse"});
        let door = Client::new(format!("http://127.0.0.1:{base}"));
        door.post("/api/auth/register", person).await.assert_status(201);
        let mails = if run == "new" { 1 } else { 2 };
        until("the mail", || async {
            let there = fs::read_dir(data.join("mails")).map_or(0, Iterator::count);
            (there == mails).then_some(())
        })
        .await;
        assert_eq!(open_to_others(&data), Vec::<String>::new(), "{run}");
        for written in ["run.json", "lock", "ecom-data", "secrets-key", "web-cookie-key", "provider/provider.jsonl"] {
            assert_eq!(fs::metadata(data.join(written)).unwrap().mode() & 0o7777, 0o600, "{written}, {run}");
        }
        if let Some(read) = read_by_nobody(&data) {
            assert_eq!(read, "", "{run}");
        }
        stopped("TERM", child, &data).await;
        // As it was before: open to everybody.
        for path in all(&data) {
            let found = fs::symlink_metadata(&path).unwrap();
            if !found.is_symlink() && !path.starts_with(data.join("postgres")) {
                fs::set_permissions(&path, Permissions::from_mode(if found.is_dir() { 0o777 } else { 0o666 })).unwrap();
            }
        }
    }
}
