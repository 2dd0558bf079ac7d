//! With `MIGRATIONS=off`: a service waits for its tables. Meanwhile it lives, is not ready and says why, and nothing of it
//! runs that would miss them.

use crate::{
    Kind, Problem, Settings,
    database::{connect_alone, look, not_opened, prompt},
    http_server::{self, Connections},
    metrics,
};
use axum::{Json, Router, extract::State, routing::get};
use contracts::ServiceName;
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::{Connection, migrate::Migrator};
use std::{net::TcpListener as StdListener, os::fd::AsFd, time::Duration};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// Between two looks at the tables.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Why they will not do yet.
#[derive(Clone, PartialEq, Eq)]
struct Trouble {
    /// Whether the database could be asked.
    reachable: bool,
    /// For the log, where whoever runs it looks.
    why: String,
}

/// Comes back when the tables will do. To be dropped when it is told to end.
pub(super) async fn for_tables(listener: &TcpListener, settings: &Settings, own: &Migrator) -> anyhow::Result<()> {
    let service = settings.service;
    let Some(mut trouble) = trouble(settings, own).await else { return Ok(()) };
    metrics::handle();
    let (tell, told) = watch::channel(trouble.clone());
    let found = CancellationToken::new();
    let connections = Connections::new(settings.connections.clone());
    let serving =
        http_server::serve(also(listener)?, service.as_str(), router(service, told), connections, found.clone());
    let serving = AbortOnDropHandle::new(tokio::spawn(serving));
    tracing::warn!(%service, why = trouble.why, "waiting for the tables, which MIGRATIONS=off leaves to somebody else");
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        let Some(seen) = self::trouble(settings, own).await else { break };
        if seen != trouble {
            tracing::warn!(%service, why = seen.why, "still waiting for the tables");
            trouble = seen;
            tell.send_replace(trouble.clone());
        }
    }
    tracing::info!(%service, "the tables are there: going on");
    found.cancel();
    Ok(serving.await?)
}

/// None when they will do.
async fn trouble(settings: &Settings, own: &Migrator) -> Option<Trouble> {
    let seen = async {
        let mut connection = connect_alone(&settings.database_url).await?;
        let seen = look(&mut connection, own).await?;
        // It is read already; how the server takes the good-bye is no matter.
        let _ = connection.close().await;
        Ok::<_, sqlx::Error>(seen)
    };
    match prompt(seen).await {
        Ok(seen) => seen.trouble(settings.service).map(|why| Trouble { reachable: true, why }),
        Err(cause) => {
            let cause = not_opened(&settings.database_variable, &settings.database_url, cause.into());
            Some(Trouble { reachable: false, why: cause.to_string() })
        }
    }
}

/// The same port once more. It stays open in between: whoever connects then is taken on by who comes next.
fn also(listener: &TcpListener) -> anyhow::Result<TcpListener> {
    Ok(TcpListener::from_std(StdListener::from(listener.as_fd().try_clone_to_owned()?))?)
}

fn router(service: ServiceName, told: watch::Receiver<Trouble>) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive" }))
        .route(
            "/readyz",
            get(move |State(told): State<watch::Receiver<Trouble>>| async move { not_ready(service, &told) }),
        )
        .fallback(|| async {
            let detail = "This service waits for its database and has done nothing: send the same request again later.";
            Problem::new(Kind::Unavailable, "starting", detail)
        })
        .with_state(told)
}

fn not_ready(service: ServiceName, told: &watch::Receiver<Trouble>) -> (StatusCode, Json<Value>) {
    let Trouble { reachable, why } = told.borrow().clone();
    // What the server said names hosts and users.
    let tables =
        if reachable { why } else { "unknown: the database cannot be opened, and the log says why".to_owned() };
    let body = json!({
        "service": service,
        "ready": false,
        "leaving": false,
        "database": if reachable { "reachable" } else { "away" },
        "tables": tables,
    });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body))
}
