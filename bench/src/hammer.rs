//! The same kind of request again and again, over kept connections, in closed loop.

use crate::{percentiles::Latencies, wire};
use anyhow::ensure;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// What came of it.
pub(crate) struct Hammered {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    pub(crate) latencies: Latencies,
    /// Of the last answer's body.
    pub(crate) bytes: usize,
}

impl Hammered {
    #[expect(clippy::cast_precision_loss, reason = "nobody makes so many requests in a minute")]
    pub(crate) fn count(&self) -> f64 {
        self.requests as f64
    }
}

/// `requests` are taken in turns, each client beginning elsewhere.
///
/// # Errors
/// An answer is not one of success.
pub(crate) async fn hammer(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    clients: usize,
    time: Duration,
) -> anyhow::Result<Hammered> {
    ensure!(!requests.is_empty(), "nothing to ask for");
    let begun = Instant::now();
    let mut working = JoinSet::new();
    for client in 0..clients {
        let requests = requests.clone();
        working.spawn(async move {
            let (mut connection, mut took, mut bytes) = (wire::Connection::to(address), Vec::new(), 0);
            let mut turn = client * requests.len() / clients;
            while begun.elapsed() < time {
                let sent = Instant::now();
                let answer = connection.ask(&requests[turn % requests.len()]).await?;
                took.push(sent.elapsed());
                let said = String::from_utf8_lossy(&answer.body[..answer.body.len().min(400)]);
                ensure!((200..300).contains(&answer.status), "answered {}: {said}", answer.status);
                bytes = answer.body.len();
                turn += 1;
            }
            anyhow::Ok((took, bytes))
        });
    }
    let (mut latencies, mut requests, mut bytes) = (Latencies::new()?, 0, 0);
    while let Some(worked) = working.join_next().await {
        let (took, last) = worked??;
        requests += took.len() as u64;
        took.into_iter().for_each(|one| latencies.add(one));
        bytes = last;
    }
    Ok(Hammered { requests, seconds: begun.elapsed().as_secs_f64(), latencies, bytes })
}
