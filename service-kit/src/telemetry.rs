//! Logs: for people on a terminal, JSON everywhere else. `RUST_LOG` filters.

use std::io::{IsTerminal, stderr};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts logging to standard error; standard output belongs to commands.
pub fn start(default_filter: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_filter));
    let registry = tracing_subscriber::registry().with(filter);
    let layer = fmt::layer().with_writer(stderr);
    // A second call (tests) leaves the first in place.
    let _ = if stderr().is_terminal() {
        registry.with(layer.with_target(false).compact()).try_init()
    } else {
        registry.with(layer.json().flatten_event(true)).try_init()
    };
}

/// What a service logs unless `RUST_LOG` says otherwise.
pub const DEFAULT_FILTER: &str = "info,sqlx=warn,lapin=warn,hyper=warn,reqwest=warn";
