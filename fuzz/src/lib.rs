//! What reads what comes over the network, tried with inputs that nobody thought of. A target is a plain function that
//! panics where a promise is broken: the engine calls it with what it makes up (`cargo xtask fuzz`), and a test with
//! each seed (`tests/it`).
#![expect(clippy::expect_used, reason = "a target says by panicking that a promise is broken")]

mod account;
mod body;
mod event;
mod head;
mod outside;
mod page;
mod payment;
mod query;
mod search;
mod support;
mod text;
mod token;

use std::{io, path::Path};

/// Something to be tried.
pub struct Target {
    /// What it is called by, and its folder in `corpus/`.
    pub name: &'static str,
    /// Panics where a promise is broken.
    pub run: fn(&[u8]),
    /// What the engine begins with, made from the contracts' snapshots and from examples.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 15] = [
    Target { name: "event", run: event::event, seeds: event::seeds },
    Target { name: "events", run: event::events, seeds: event::batches },
    Target { name: "token", run: token::token, seeds: token::seeds },
    Target { name: "body", run: body::body, seeds: body::seeds },
    Target { name: "form", run: body::form, seeds: body::forms },
    Target { name: "query", run: query::query, seeds: query::seeds },
    Target { name: "cursor", run: query::cursor, seeds: query::cursors },
    Target { name: "head", run: head::head, seeds: head::seeds },
    Target { name: "account", run: account::account, seeds: account::seeds },
    Target { name: "outside", run: outside::outside, seeds: outside::seeds },
    Target { name: "payment", run: payment::payment, seeds: payment::seeds },
    Target { name: "search", run: search::search, seeds: search::seeds },
    Target { name: "picture", run: search::picture, seeds: search::pictures },
    Target { name: "text", run: text::text, seeds: text::seeds },
    Target { name: "page", run: page::page, seeds: page::seeds },
];

impl Target {
    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// What was found once and is kept: each is tried by the tests for ever.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn kept(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(self.name);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let file = |entry: io::Result<std::fs::DirEntry>| {
            let path = entry?.path();
            Ok((path.display().to_string(), std::fs::read(path)?))
        };
        let mut files: Vec<_> = folder.read_dir()?.map(file).collect::<io::Result<_>>()?;
        files.sort();
        Ok(files)
    }
}
