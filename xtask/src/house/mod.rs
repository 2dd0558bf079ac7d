//! How the house is built: no circle of files inside a crate, SQL only in `store/`, no teaching in business code, a pure
//! `domain/`. And its pages: no dead link, prose wraps. The compiler allows all of it; each was lost once, file by file.

mod circles;
mod finding;
mod pages;
mod source;
#[cfg(test)]
mod tests;
mod words;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::workspace::root;
use finding::Finding;
use source::Tree;

/// Reads the sources of every crate of the workspace, and every page.
pub(crate) fn check() -> Result<()> {
    let mut findings = pages::find(&root())?;
    for name in crates(&root())? {
        findings.extend(of_crate(&root(), &name)?);
    }
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("the house: {count} findings"),
    }
}

fn of_crate(top: &Path, name: &str) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for tree in Tree::of_crate(top, name)? {
        findings.extend(circles::find(&tree));
        findings.extend(words::find(&tree, name));
    }
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// Every folder with a manifest: a member that nobody names here is read as well.
fn crates(top: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(top).with_context(|| format!("reading {}", top.display()))? {
        let entry = entry.with_context(|| format!("reading {}", top.display()))?;
        if entry.path().join("Cargo.toml").is_file() && entry.path().join("src").is_dir() {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    Ok(found)
}
