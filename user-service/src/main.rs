//! user-service as a process of its own.

use service_kit::{Clock, standalone};
use std::process::ExitCode;
use user_service::{Config, MIGRATIONS, build};

fn main() -> ExitCode {
    #[cfg(feature = "labs")]
    service_kit::labs::know(user_service::LABS);
    standalone::run(contracts::ServiceName::User, &MIGRATIONS, |settings, env, bus| async move {
        build(Config::read(settings, &env)?, bus, Clock::system()).await
    })
}
