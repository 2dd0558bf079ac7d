//! product-service as a process of its own.

use product_service::{Config, MIGRATIONS, build};
use service_kit::{Clock, standalone};
use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "labs")]
    service_kit::labs::know(product_service::LABS);
    standalone::run(contracts::ServiceName::Product, &MIGRATIONS, |settings, env, bus| async move {
        build(Config::read(settings, &env)?, bus, Clock::system()).await
    })
}
