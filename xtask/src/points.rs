//! The crash points there are: every commit and every call that leaves a process, read from the sources, so that the list
//! cannot go stale. `cargo xtask prepare` writes each crate's `points.txt`, which builds with the feature `labs` take in;
//! `cargo xtask lint` compares.

use crate::workspace::{CHECKED_CRATES, CheckedCrate, root};
use anyhow::{Context, Result, bail, ensure};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

pub(crate) const FILE: &str = "points.txt";

pub(crate) fn write() -> Result<()> {
    for (file, text) in lists()? {
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}

pub(crate) fn check() -> Result<()> {
    for (file, text) in lists()? {
        let written = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        if written != text {
            bail!("{} differs from what the sources pass: cargo xtask prepare, and commit it", file.display());
        }
    }
    Ok(())
}

fn lists() -> Result<Vec<(PathBuf, String)>> {
    let catalogue = fs::read_to_string(root().join("contracts/src/events/mod.rs")).context("reading the events")?;
    let list = |checked: &CheckedCrate| {
        let mut points = BTreeSet::new();
        for (file, text) in sources(&checked.folder().join("src"))? {
            let found = of_source(&text).with_context(|| format!("{}", file.display()))?;
            points.extend(found);
        }
        // The dispatcher begins a reaction's transaction under the name of its event.
        points.extend(subscribed(&catalogue, checked.short).into_iter().flat_map(commit));
        let text: String = points.into_iter().map(|point| point + "\n").collect();
        Ok((checked.folder().join(FILE), text))
    };
    CHECKED_CRATES.iter().map(list).collect()
}

/// A crate's sources, without its mistakes and its tests.
pub(crate) fn sources(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for entry in folder.read_dir().with_context(|| format!("reading {}", folder.display()))? {
        let path = entry.context("reading a folder")?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name == "labs" || name == "tests" {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            found.push((path, text));
        }
    }
    Ok(found)
}

fn of_source(text: &str) -> Result<BTreeSet<String>> {
    let mut points = BTreeSet::new();
    for after in text.split("database.begin(").skip(1) {
        match literal(after) {
            // Of what is compiled for tests alone.
            Some("test") => {}
            Some(name) => points.extend(commit(name)),
            // The name is another's: of the event, of a Work, or handed on as below.
            None => ensure!(
                ["kind)", "work)", "work.name)", "self.work.name)"].iter().any(|known| after.starts_with(known)),
                "a transaction without a name: begin(\"NAME\"), or begin(work) with the name handed on behind the app"
            ),
        }
    }
    for after in ["(app, ", "(&app, "].into_iter().flat_map(|call| text.split(call).skip(1)) {
        let name = literal(after).filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        points.extend(name.into_iter().flat_map(commit));
    }
    for after in text.split("Work {").skip(1) {
        // Its type's own fields are no name.
        points.extend(after.trim_start().strip_prefix("name: ").and_then(literal).into_iter().flat_map(commit));
    }
    let calls: Vec<&str> = text.split("Call { name: ").skip(1).filter_map(literal).collect();
    for around in Vec::from_iter(text.split("outgoing(")).windows(2) {
        match literal(around[1]) {
            Some(name) => points.extend(call(name)),
            // A method of that name, or one way out for several calls that have their names here.
            None => ensure!(
                !calls.is_empty() || around[0].ends_with('.') || around[0].ends_with("fn "),
                "a call that leaves the process without a name: outgoing(\"NAME\", …), or a Call {{ name: \"NAME\" }}"
            ),
        }
    }
    points.extend(calls.into_iter().flat_map(call));
    if text.contains("peers") {
        let paths = text.split("\"/internal/").collect::<Vec<_>>();
        for pair in paths.windows(2) {
            let is_route = pair[0].trim_end().ends_with("path =");
            let path = pair[1].split('"').next().unwrap_or_default();
            if !is_route && !path.is_empty() {
                let words: Vec<_> = path.split('/').filter(|word| !word.contains('{')).collect();
                points.extend(call(&words.join("-")));
            }
        }
    }
    for after in text.split("pass(\"\", ").skip(1) {
        points.extend(literal(after).map(str::to_owned));
    }
    Ok(points)
}

/// What a text begins with, where that is a string.
fn literal(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.split('"').next()
}

fn commit(name: &str) -> [String; 2] {
    [format!("commit:{name}"), format!("committed:{name}")]
}

fn call(name: &str) -> [String; 2] {
    let name = name.replace(' ', "_");
    [format!("ask:{name}"), format!("answered:{name}")]
}

/// The types that a service reacts to: `order::Paid, "order.paid", by Order, to [Product, Notify], …`.
fn subscribed<'c>(catalogue: &'c str, service: &str) -> Vec<&'c str> {
    let of_line = |line: &'c str| {
        let (_data, rest) = line.split_once(", \"")?;
        let (name, rest) = rest.split_once("\", by ")?;
        let subscribers = rest.split_once("to [")?.1.split(']').next()?;
        subscribers.split(", ").any(|one| one.eq_ignore_ascii_case(service)).then_some(name)
    };
    catalogue.lines().filter_map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::{of_source, subscribed};

    #[test]
    fn commits_and_calls_are_found_by_their_names() {
        let text = r#"
            let mut tx = app.kit.database.begin("place_order").await?;
            Ok(one(change(&app, "update_product", wishes).await)?.into())
            once(app, Work { name: "cancel_order", status: StatusCode::OK }, wishes);
            let contact = app.kit.peers.get(User, &format!("/internal/accounts/{id}/contact")).await?;
            #[utoipa::path(get, path = "/internal/orders/{id}")]
            const CHARGE: Call = Call { name: "find charge", method: Method::GET };
            outgoing(call.name, hear(request), broken).await
            pass("", "publish").await?;
        "#;
        let expected = [
            "answered:accounts-contact",
            "answered:find_charge",
            "ask:accounts-contact",
            "ask:find_charge",
            "commit:cancel_order",
            "commit:place_order",
            "commit:update_product",
            "committed:cancel_order",
            "committed:place_order",
            "committed:update_product",
            "publish",
        ];
        assert_eq!(Vec::from_iter(of_source(text).unwrap()), expected);
    }

    #[test]
    fn a_call_or_a_transaction_without_a_name_is_an_error() {
        assert!(of_source("outgoing(name, hear(request), broken).await").is_err());
        assert!(of_source("let mut tx = app.kit.database.begin(&name).await?;").is_err());
    }

    #[test]
    fn a_reaction_commits_under_its_events_name() {
        let catalogue = "order::Paid, \"order.paid\", by Order, to [Product, Notify], subject order_id,";
        assert_eq!(subscribed(catalogue, "notify"), ["order.paid"]);
        assert!(subscribed(catalogue, "user").is_empty());
    }
}
