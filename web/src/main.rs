//! The pages as a process of their own: `healthcheck` as the only argument asks a running one, `--help` explains.

use anyhow::anyhow;
use axum::{Router, http::StatusCode, middleware, routing::get};
use service_kit::{
    Env, client_address, config,
    http_server::{self, Connections, Limits},
    leaving, metrics, spans, standalone, telemetry,
};
use std::{io::Write, process::ExitCode, time::Duration};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

fn main() -> ExitCode {
    let env = Env::process();
    let result = match std::env::args().nth(1).as_deref() {
        None => serve(&env),
        Some("--help" | "-h" | "help") => standalone::help("web", ABOUT, &[]),
        Some("healthcheck") => port(&env).and_then(|port| standalone::healthcheck(port, "/readyz")),
        Some(other) => Err(anyhow!("web takes no argument {other:?}: `web --help` shows those it takes")),
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

const ABOUT: &str = "The pages of Ecom-Micro's front door.

  USER_SERVICE_URL, …  where the five services are reached (http://127.0.0.1:8081 and up)
  CONSUL_HTTP_ADDR     a Consul that knows better
  PUBLIC_URL           where people reach the platform (http://localhost:8080)
  WEB_COOKIE_KEY       what cookies are encrypted with: 32 random bytes in base64; the same for all replicas (random)
  SHOP_NAME            what people know the shop by (Ecom-Micro)
  WEB_LANGUAGE         en or de: the shop's language for who asks for none that it has (en)
  FLOW                 on or off: whether /flow is there (on in development)
  SHUTDOWN_DELAY       seconds for which it still serves after SIGTERM (0)
  PORT                 where it listens (8086)";

fn port(env: &Env) -> anyhow::Result<u16> {
    Ok(env.parsed("PORT", "a port number from 1 to 65535")?.unwrap_or(web::PORT))
}

fn serve(env: &Env) -> anyhow::Result<()> {
    telemetry::start_server("web", env)?;
    let (settings, port) = (web::Settings::read(env)?, port(env)?);
    let spans = spans::Spans::open("web", config::environment(env)?, &spans::Settings::read(env)?, None)?;
    let (delay, leaving) = (config::shutdown_delay(env)?, CancellationToken::new());
    let is_leaving = leaving.clone();
    // Ready as soon as it answers: it keeps no state, and each page says itself when a service behind it is away.
    let ready = move || async move {
        if is_leaving.is_cancelled() { (StatusCode::SERVICE_UNAVAILABLE, "leaving") } else { (StatusCode::OK, "ready") }
    };
    let operators = Router::new()
        .route("/livez", get(|| async { "alive" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(|| async { metrics::answer() }));
    let (directory, said_everywhere) = (settings.directory.clone(), settings.said_everywhere());
    let trusted = config::trusted_proxies(env)?;
    let connections = Connections::new(Limits::read(env)?);
    standalone::in_runtime(async {
        let listener = standalone::listen(port, "web")?;
        let (stop, gone) = (standalone::stop_on_signal()?, CancellationToken::new());
        let following = gone.clone();
        tokio::spawn(async move { directory.follow("web", following).await });
        let router = web::router(settings, spans.clone(), gone.clone())?.merge(operators).fallback(web::not_found);
        let noted = middleware::map_request(move |request| {
            let request = client_address::noted(request, &trusted);
            async move { request }
        });
        let router = router.layer(middleware::from_fn_with_state(said_everywhere, web::arrived)).layer(noted);
        let router = leaving::told_by(router, leaving.clone());
        tracing::info!(address = %listener.local_addr()?, "serving");
        let serving = http_server::serve(listener, "web", router, connections, gone.clone());
        let serving = AbortOnDropHandle::new(tokio::spawn(serving));
        leaving::until_gone("web", &stop, &leaving, delay).await;
        gone.cancel();
        if tokio::time::timeout(Duration::from_secs(8), serving).await.is_err() {
            tracing::warn!("some requests did not end in time and were cut off");
        }
        spans.close().await;
        Ok(())
    })
}
