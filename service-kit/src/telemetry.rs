//! Logs: for people on a terminal, JSON everywhere else. `RUST_LOG` filters.

use crate::Env;
use std::io::{IsTerminal, stderr};
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging to standard error; standard output belongs to commands.
pub fn start(default_filter: &str) {
    // Targets and levels; filtering by spans' fields would bring a regular-expression engine into every binary.
    let wanted = Env::process().text("RUST_LOG").ok().flatten();
    let parsed = wanted.as_deref().unwrap_or(default_filter).parse::<Targets>();
    let unreadable = parsed.is_err();
    let filter = parsed.unwrap_or_else(|_| default_filter.parse().unwrap_or_default());
    let registry = tracing_subscriber::registry().with(filter);
    let layer = fmt::layer().with_writer(stderr);
    // A second call (tests) leaves the first in place.
    let _ = if stderr().is_terminal() {
        registry.with(layer.with_target(false).compact()).try_init()
    } else {
        registry.with(layer.json().flatten_event(true)).try_init()
    };
    if unreadable {
        tracing::warn!("RUST_LOG is not valid: expected levels by target, such as info,order_service=debug");
    }
}

/// What a service logs unless `RUST_LOG` says otherwise.
pub const DEFAULT_FILTER: &str = "info,sqlx=warn,lapin=warn,hyper=warn,reqwest=warn";
