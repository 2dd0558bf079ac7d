//! The payment provider of development and of the tests: a program of its own (`ecom provider-sim`) with a durable log
//! of its own, outside `payment_db`, so that what it says can be checked against what payment-service believes.
//!
//! It knows nothing of the shop: amounts, a method, a reference and a key. Every key is acted on once, however often it
//! is sent. The methods play the days a real provider has; see [`Method`]. Nothing here is for real money.

mod book;
mod entry;
mod http;
mod journal;

pub use book::Method;
pub use entry::{Abandoned, Charge, ChargeStatus, Entry, Refund};

use anyhow::Context;
use axum::middleware;
use service_kit::{
    arrival,
    http_server::{self, Connections},
};
use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt, path::Path};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The log's name in the data folder: one JSON object per line.
pub const LOG_FILE: &str = "provider.jsonl";

/// The port it listens on unless told otherwise.
pub const DEFAULT_PORT: u16 = 8090;

/// Serves on `listener` until `stop`, with its log in the folder `data`. Its connections count among `connections`.
///
/// # Errors
/// The log cannot be opened, is damaged before its last line, or another simulator writes it.
pub async fn run(
    listener: TcpListener,
    data: &Path,
    connections: Connections,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    // Who paid how much is nobody else's business.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.with_context(|| format!("making the provider's data folder {}", data.display()))?;
    let log = data.join(LOG_FILE);
    let _claimed = journal::claim(&log).await?;
    let (entries, journal) = journal::open(&log)?;
    tracing::info!(address = %listener.local_addr()?, entries = entries.len(), "the payment provider's simulator serves");
    let router = http::router(book::Book::replay(entries), journal).layer(middleware::from_fn(arrival::whole));
    http_server::serve(listener, "provider-sim", router, connections, stop).await;
    Ok(())
}
