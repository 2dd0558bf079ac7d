//! notify-service as a process of its own.

use notify_service::{Config, build};
use service_kit::{Clock, standalone};
use std::process::ExitCode;

fn main() -> ExitCode {
    standalone::run(contracts::ServiceName::Notify, |settings, env, bus| async move {
        build(Config::read(settings, &env)?, bus, Clock::system()).await
    })
}
