//! The same kind of request again and again, over kept connections: in closed loop, or each client at a steady pace.

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

/// Who asks, and for what.
#[derive(Clone)]
pub(crate) struct Crowd {
    pub(crate) address: SocketAddr,
    /// Taken in turns, each client beginning elsewhere.
    pub(crate) requests: Arc<Vec<Vec<u8>>>,
    pub(crate) clients: usize,
    /// Each client begins a request so often, one after the other, and its time counts from when it was to begin; without
    /// it, when the last was answered.
    pub(crate) every: Option<Duration>,
}

impl Hammered {
    /// With what came of the same before or after.
    ///
    /// # Errors
    /// The bounds of latencies differ, which they do not.
    pub(crate) fn and(mut self, other: &Self) -> anyhow::Result<Self> {
        self.latencies.merge(&other.latencies)?;
        Ok(Self { requests: self.requests + other.requests, seconds: self.seconds + other.seconds, ..self })
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.count() / self.seconds
    }

    #[expect(clippy::cast_precision_loss, reason = "nobody makes so many requests in a minute")]
    pub(crate) fn count(&self) -> f64 {
        self.requests as f64
    }
}

/// # Errors
/// An answer is not one of success.
pub(crate) async fn hammer(crowd: &Crowd, time: Duration) -> anyhow::Result<Hammered> {
    let Crowd { address, clients, every, .. } = *crowd;
    ensure!(!crowd.requests.is_empty(), "nothing to ask for");
    let begun = Instant::now();
    let mut working = JoinSet::new();
    for client in 0..clients {
        let requests = crowd.requests.clone();
        working.spawn(async move {
            let (mut connection, mut took, mut bytes) = (wire::Connection::to(address), Vec::new(), 0);
            let first = client * requests.len() / clients;
            let late = every.unwrap_or_default() * u32::try_from(client)? / u32::try_from(clients)?;
            for turn in 0.. {
                let intended = every.map_or_else(Instant::now, |every| begun + late + every * turn);
                if intended - begun >= time {
                    break;
                }
                if every.is_some() {
                    tokio::time::sleep_until(intended.into()).await;
                }
                let request = &requests[(first + usize::try_from(turn)?) % requests.len()];
                let answer = connection.ask(request).await?;
                took.push(intended.elapsed());
                let said = String::from_utf8_lossy(&answer.body[..answer.body.len().min(400)]);
                ensure!((200..300).contains(&answer.status), "answered {}: {said}", answer.status);
                bytes = answer.body.len();
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
