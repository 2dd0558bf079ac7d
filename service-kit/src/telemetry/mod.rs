//! Logs: text for people on a terminal, Elastic Common Schema for machines everywhere else. `LOG_FORMAT` decides
//! otherwise, `RUST_LOG` filters.

mod ecs;
mod fields;

use crate::{Clock, ConfigError, Env, config};
use ecs::Ecs;
use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::{IsTerminal, stderr, stdout},
    panic::{self, PanicHookInfo},
    str::FromStr,
};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt::{self, writer::BoxMakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// What a service logs unless `RUST_LOG` says otherwise.
pub const SERVER_FILTER: &str = "info,sqlx=warn,lapin=warn,hyper=warn,reqwest=warn";

/// Where lapin says as an error, three or four times, that a connection broke or was not made ("attempts exhausted, aborting
/// recovery", which is not used), or that the broker closed a channel, as it does when it is asked for what is not there.
/// Whoever had or wanted that is told as well, goes on, and says so once. The second is the beginning of `channels`, too.
const TOLD_BY_US: [&str; 2] = ["lapin::io_loop", "lapin::channel"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Ecs,
    Text,
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "ecs" => Ok(Self::Ecs),
            "text" => Ok(Self::Text),
            _ => Err(()),
        }
    }
}

/// Starts the log of a program that serves, on standard output: it is all such a program has to say, and what a
/// container is expected to write.
///
/// # Errors
/// `LOG_FORMAT` or `ECOM_ENV` is wrong.
pub fn start_server(program: &str, env: &Env) -> Result<(), ConfigError> {
    start(program, env, SERVER_FILTER, stdout().is_terminal(), BoxMakeWriter::new(stdout))
}

/// Starts the log of a command, on standard error: its standard output is its answer, and may be piped on.
///
/// # Errors
/// `LOG_FORMAT` or `ECOM_ENV` is wrong.
pub fn start_command(program: &str, env: &Env, default_filter: &str) -> Result<(), ConfigError> {
    start(program, env, default_filter, stderr().is_terminal(), BoxMakeWriter::new(stderr))
}

fn start(
    program: &str,
    env: &Env,
    default_filter: &str,
    terminal: bool,
    writer: BoxMakeWriter,
) -> Result<(), ConfigError> {
    let environment = config::environment(env)?;
    let format = format(env, terminal)?;
    // Targets and levels; filtering by spans' fields would bring a regular-expression engine into every binary.
    let wanted = env.text("RUST_LOG").ok().flatten();
    let parsed = wanted.as_deref().unwrap_or(default_filter).parse::<Targets>();
    let unreadable = parsed.is_err();
    let filter = told_once(parsed.unwrap_or_else(|_| default_filter.parse().unwrap_or_default()), wanted.as_deref());
    let registry = tracing_subscriber::registry().with(filter);
    // A second call (tests) leaves the first in place.
    let _ = match format {
        Format::Text => registry.with(fmt::layer().with_writer(writer).with_target(false).compact()).try_init(),
        Format::Ecs => {
            panic::set_hook(Box::new(log_panic));
            registry.with(Ecs::new(program, environment, Clock::system(), writer)).try_init()
        }
    };
    if unreadable {
        tracing::warn!("RUST_LOG is not valid: expected levels by target, such as info,order_service=debug");
    }
    Ok(())
}

/// Whoever asks for lapin by name gets all it says.
fn told_once(filter: Targets, wanted: Option<&str>) -> Targets {
    if wanted.is_some_and(|wanted| wanted.contains("lapin")) {
        return filter;
    }
    filter.with_targets(TOLD_BY_US.map(|target| (target, LevelFilter::OFF)))
}

fn format(env: &Env, terminal: bool) -> Result<Format, ConfigError> {
    let default = if terminal { Format::Text } else { Format::Ecs };
    Ok(env.parsed("LOG_FORMAT", "ecs (one JSON object a line) or text")?.unwrap_or(default))
}

/// Rust's own words about a panic are several lines for people. A log of one object a line has them as one.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let said = panic.payload_as_str().unwrap_or("no message");
    let (file, line) = panic.location().map_or(("unknown", 0), |place| (place.file(), place.line()));
    let backtrace = Backtrace::capture();
    // Asked for by RUST_BACKTRACE.
    let trace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    tracing::error!(
        "error.type" = "panic",
        error.message = said,
        error.stack_trace = trace,
        log.origin.file.name = file,
        log.origin.file.line = line,
        "a panic"
    );
}

#[cfg(test)]
mod tests {
    use super::{Format, format, told_once};
    use crate::Env;
    use tracing::Level;

    #[test]
    fn people_on_a_terminal_get_text_and_machines_get_ecs_unless_told_otherwise() {
        let asked = |wanted: &str, terminal| format(&Env::of([("LOG_FORMAT", wanted)]), terminal).unwrap();
        assert!(asked("", true) == Format::Text && asked("", false) == Format::Ecs);
        assert!(asked("ecs", true) == Format::Ecs && asked("text", false) == Format::Text);
    }

    #[test]
    fn another_format_is_refused_by_name() {
        let refused = format(&Env::of([("LOG_FORMAT", "json")]), false).map(|_| ()).unwrap_err();
        let expected = r#"LOG_FORMAT="json" is not valid: expected ecs (one JSON object a line) or text"#;
        assert_eq!(refused.to_string(), expected);
    }

    #[test]
    fn what_we_say_of_a_broken_connection_lapin_does_not_say_as_well_unless_it_is_asked() {
        for (wanted, loop_is_heard) in
            [(None, false), (Some("info"), false), (Some("trace"), false), (Some("info,lapin=error"), true)]
        {
            let filter = told_once(wanted.unwrap_or("info,lapin=warn").parse().unwrap(), wanted);
            assert_eq!(filter.would_enable("lapin::io_loop", &Level::ERROR), loop_is_heard, "{wanted:?}");
            // A thread of its that panics is told by nobody else.
            assert!(filter.would_enable("lapin::thread", &Level::ERROR), "{wanted:?}");
        }
    }
}
