//! Which PostgreSQL programs there are, and which to use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::settings::SourceChoice;
use crate::source::Source;
use crate::versions::{NEWEST, OLDEST};
use crate::{Error, bundle, environment};

/// Where packages put them outside the search path: a folder, how its entries begin, and where in them programs lie.
const PLACES: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),                          // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                                   // Fedora and kin, from postgresql.org
    ("/opt/homebrew/opt", "postgresql@", "bin"),                 // Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql@", "bin"),                    // Homebrew on Intel
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),    // Homebrew on Linux
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"), // Postgres.app
];

/// What can be used, newest first, and what is there but cannot: too old or too new.
pub(crate) fn installed() -> (Vec<Source>, Vec<u32>) {
    let mut folders = environment::search_path();
    for (parent, prefix, bin) in PLACES {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let matching = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
        folders.extend(matching.map(|entry| entry.path().join(bin)));
    }
    // A `postgres` in the search path may be a link; `initdb` lies beside what it points to.
    let mut real: Vec<PathBuf> = folders
        .iter()
        .filter(|folder| folder.is_absolute())
        .filter_map(|folder| Some(fs::canonicalize(folder.join("postgres")).ok()?.parent()?.to_owned()))
        .filter(|folder| folder.join("initdb").is_file())
        .collect();
    real.sort();
    real.dedup();
    let mut found: Vec<(u32, PathBuf)> = real.into_iter().filter_map(|bin| Some((major(&bin)?, bin))).collect();
    found.sort_by(|a, b| b.cmp(a));
    let (usable, other): (Vec<_>, Vec<_>) = found.into_iter().partition(|(v, _)| (OLDEST..=NEWEST).contains(v));
    let usable = usable.into_iter().map(|(version, bin)| Source::Installed { bin, version }).collect();
    (usable, other.into_iter().map(|(version, _)| version).collect())
}

/// `existing` is a cluster folder and the version that made it.
pub(crate) fn choose(choice: Option<SourceChoice>, existing: Option<(&Path, &str)>) -> Result<Source, Error> {
    if choice == Some(SourceChoice::Bundled) && !bundle::is_there() {
        return Err(Error::NotBundled { target: bundle::TARGET });
    }
    let (mut usable, other) =
        if choice == Some(SourceChoice::Bundled) { (Vec::new(), Vec::new()) } else { installed() };
    if choice != Some(SourceChoice::Installed) && bundle::is_there() {
        usable.push(Source::Bundled);
    }
    let found = describe(&usable, &other);
    match existing {
        None => usable.into_iter().next().ok_or(Error::NoPrograms { found }),
        Some((data, version)) => usable
            .into_iter()
            .find(|source| source.version().to_string() == version)
            .ok_or_else(|| Error::OtherVersion { data: data.to_owned(), version: version.to_owned(), found }),
    }
}

fn describe(usable: &[Source], other: &[u32]) -> String {
    let usable = usable.iter().map(|source| match source {
        Source::Installed { bin, version } => format!("PostgreSQL {version} in {}", bin.display()),
        Source::Bundled => format!("the PostgreSQL {} that comes along", bundle::VERSION),
    });
    let other = other.iter().map(|version| format!("PostgreSQL {version}, which is not supported"));
    let all: Vec<String> = usable.chain(other).collect();
    if all.is_empty() { "no PostgreSQL programs at all".to_owned() } else { all.join(" and ") }
}

/// `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)` gives 15, `postgres (PostgreSQL) 19beta1` gives 19.
fn major(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split_whitespace().nth(2)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
