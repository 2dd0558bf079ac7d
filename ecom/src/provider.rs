//! `ecom provider-sim`: the payment provider of development, as a process of its own.

use anyhow::bail;
use service_kit::{
    Env, Environment, config,
    http_server::{Connections, Limits},
    standalone, telemetry,
};
use std::path::PathBuf;

pub(crate) async fn run(env: Env, port: u16, data: Option<PathBuf>) -> anyhow::Result<()> {
    telemetry::start_server("provider-sim", &env)?;
    if config::environment(&env)? == Environment::Production {
        bail!(
            "the simulator takes no money, so it does not run with ECOM_ENV=production: name a real provider in \
             PROVIDER_URL, or set ECOM_ENV=development"
        );
    }
    let listener = standalone::listen(port, "the payment provider's simulator")?;
    let folder = env.text("ECOM_DATA")?.unwrap_or_else(|| "./.ecom".to_owned());
    let data = data.unwrap_or_else(|| PathBuf::from(folder).join("provider"));
    let connections = Connections::new(Limits::read(&env)?);
    provider_sim::run(listener, &data, connections, standalone::stop_on_signal()?).await
}
