//! The HTTP server under every listener of the platform: the services, the front door, the pages and the simulator.
//!
//! A connection costs a descriptor and says nothing of whether a request will ever come over it. So connections are
//! bounded, in all and per address, and each has to get on: a head comes whole within its time, a used connection waits
//! only so long for the next request, and an answer is read. Where there is no place left, the idle one that has waited
//! longest gives up its own: whoever has something to ask is let in before whoever holds a silent line.

mod connection;
mod connections;
mod descriptors;
mod limits;
mod listening;
mod tally;
mod watch;

pub use connections::Connections;
pub use limits::Limits;
pub use listening::bind;

use crate::rounds::{SELDOM, next_round};
use axum::Router;
use connection::Service;
use connections::Refusal;
use futures_util::future::BoxFuture;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tally::{Reason, Tally};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinSet, yield_now},
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};
use tokio_util::sync::CancellationToken;

/// Between two tries when the system gives no descriptor.
const RECOVERY: Duration = Duration::from_millis(20);
/// So many idle ones give up theirs then: answering a request takes more than its own connection.
const AIR: usize = 8;

/// Serves `router` on `listener` until `stop`; then it takes no more, ends what is idle at once and comes back when what
/// is in work has been answered. Dropped, it cuts off what is left. `who` names it in metrics and logs.
pub fn serve(
    listener: TcpListener,
    who: &'static str,
    router: Router,
    connections: Connections,
    stop: CancellationToken,
) -> BoxFuture<'static, ()> {
    Box::pin(serve_now(listener, who, router, connections, stop))
}

async fn serve_now(
    listener: TcpListener,
    who: &'static str,
    router: Router,
    connections: Connections,
    stop: CancellationToken,
) {
    let service = Service {
        // Once, and not with each request.
        router: router.with_state::<()>(()),
        tally: Arc::new(Tally::new(who)),
        stop: stop.clone(),
    };
    service.tally.tell(0);
    let mut serving = JoinSet::new();
    // What was closed and refused is told in sums.
    let mut telling = interval_at(Instant::now() + next_round(SELDOM), SELDOM);
    telling.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = telling.tick() => service.tally.tell(serving.len()),
            Some(_) = serving.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => admit(stream, peer, &connections, &service, &mut serving).await,
                Err(cause) => recover(&cause, &connections, &service.tally).await,
            }
        }
    }
    // Whoever comes now is to hear at once that nobody listens.
    drop(listener);
    while serving.join_next().await.is_some() {}
    service.tally.tell(0);
}

async fn admit(
    stream: TcpStream,
    peer: SocketAddr,
    connections: &Connections,
    service: &Service,
    serving: &mut JoinSet<()>,
) {
    match connections.admit(peer.ip()) {
        Ok(admitted) => {
            serving.spawn(connection::serve(stream, peer, admitted.seat, service.clone()));
            if admitted.made_room {
                // Else many would be let in before the first of those who make room has closed its descriptor.
                yield_now().await;
            }
        }
        Err(refusal) => {
            let reason = match refusal {
                Refusal::Full => Reason::RefusedFull,
                Refusal::Address => Reason::RefusedAddress,
            };
            service.tally.note(reason, peer.ip());
            connection::turn_away(&stream);
        }
    }
}

/// Nothing of this ends the server: a client that hung up before it was taken on is no matter, and where the system gives
/// no descriptor (or memory) idle ones are closed and it is tried again, after a pause in which nobody spins.
async fn recover(cause: &io::Error, connections: &Connections, tally: &Tally) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(cause.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    tally.exhausted(cause);
    for _ in 0..AIR {
        if !connections.close_oldest_idle() {
            break;
        }
    }
    sleep(RECOVERY).await;
}
