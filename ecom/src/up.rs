//! `ecom up`: everything in one process, from an empty folder to a running shop.

mod database_server;
mod keys;
mod owners;
mod parts;
pub(crate) mod ports;
mod started;
mod welcome;

pub(crate) use started::Started;

use service_kit::{Env, Environment, config, telemetry};

/// Starts the platform and serves until asked to stop.
///
/// # Errors
/// Something is missing or in the way, or a part ends by itself; the sentence says what and what to do.
pub(crate) fn run(env: Env) -> anyhow::Result<()> {
    // On a developer's terminal only what goes wrong; in production what a service logs, who was refused for one.
    let filter = match config::environment(&env)? {
        Environment::Development => "warn",
        Environment::Production => telemetry::SERVER_FILTER,
    };
    telemetry::start_command("ecom", &env, filter)?;
    let Some(platform) = Started::start(env)? else { return Ok(()) };
    welcome::say_all(&platform);
    platform.wait()
}
