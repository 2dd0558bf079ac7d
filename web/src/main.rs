//! The pages as a process of their own: `healthcheck` as the only argument asks a running one.

use anyhow::anyhow;
use axum::{Router, routing::get};
use service_kit::{Env, standalone, telemetry};
use std::{io::Write, process::ExitCode, time::Duration};

fn main() -> ExitCode {
    let env = Env::process();
    let result = match std::env::args().nth(1).as_deref() {
        None => serve(&env),
        Some("healthcheck") => port(&env).and_then(|port| standalone::healthcheck(port, "/readyz")),
        Some(other) => Err(anyhow!("web takes no argument {other:?}: start it with none, or with `healthcheck`")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            // The last word of a process that cannot go on; nothing is left to do if even this fails.
            let _ = writeln!(std::io::stderr(), "web: {cause:#}");
            ExitCode::FAILURE
        }
    }
}

fn port(env: &Env) -> anyhow::Result<u16> {
    Ok(env.parsed("PORT", "a port number from 1 to 65535")?.unwrap_or(web::PORT))
}

fn serve(env: &Env) -> anyhow::Result<()> {
    telemetry::start(telemetry::DEFAULT_FILTER);
    let (settings, port) = (web::Settings::read(env)?, port(env)?);
    // Ready as soon as it answers: it keeps no state, and each page says itself when a service behind it is away.
    let operators =
        Router::new().route("/livez", get(|| async { "alive" })).route("/readyz", get(|| async { "ready" }));
    let router = web::router(settings)?.merge(operators).fallback(web::not_found);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = standalone::listen(port, "web").await?;
        let stop = standalone::stop_on_signal()?;
        tracing::info!(service = "web", address = %listener.local_addr()?, "serving");
        let serving = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
        let serving = tokio::spawn(serving.into_future());
        stop.cancelled().await;
        if tokio::time::timeout(Duration::from_secs(8), serving).await.is_err() {
            tracing::warn!("some requests did not end in time and were cut off");
        }
        Ok(())
    })
}
