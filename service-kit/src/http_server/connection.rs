//! One connection, from its first byte to its end.

use super::{
    connections::Seat,
    tally::{Reason, Tally},
    watch::{Answer, Socket, Watch},
};
use crate::{Kind, Problem};
use axum::{
    Router,
    extract::{ConnectInfo, Request},
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, LazyLock},
    task::Poll,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// A head, from the method to the empty line.
const LARGEST_HEAD: usize = 64 * 1024;
/// What is still on its way when we have said the last word is read so long, and so far: closed under it, the system would
/// take the word back (RFC 9112, 9.6).
const LINGER: Duration = Duration::from_secs(1);
const LINGERING: u64 = 1024 * 1024;

/// What all connections of a listener share.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) router: Router,
    pub(super) tally: Arc<Tally>,
    pub(super) stop: CancellationToken,
}

/// How it came to its end.
enum End {
    /// Both sides have said what they had to say, or the other is gone.
    Over,
    /// By a head that is none, which hyper has answered.
    Misread { too_large: bool },
    /// It did not get on, or its place was wanted.
    Closed(Reason),
    /// We stop.
    Stopped,
}

pub(super) async fn serve(stream: TcpStream, peer: SocketAddr, seat: Seat, service: Service) {
    // An answer in several pieces must not wait for the other side's word that the first has come.
    let _ = stream.set_nodelay(true);
    let watch = Watch::new(seat);
    let (end, owes_head, mut stream) = exchange(stream, peer, &watch, &service).await;
    match end {
        End::Over => linger(&mut stream, &watch, &service).await,
        End::Misread { too_large } => {
            if too_large {
                service.tally.note(Reason::HeadTooLarge, peer.ip());
            }
            linger(&mut stream, &watch, &service).await;
        }
        End::Closed(reason) => {
            service.tally.note(reason, peer.ip());
            // Whoever waits between two requests is told nothing: it could be taken for the answer to the next.
            if owes_head {
                let _ = stream.try_write(&TOO_SLOW);
            }
        }
        End::Stopped => {}
    }
}

/// Requests and answers, until there are to be no more.
async fn exchange(stream: TcpStream, peer: SocketAddr, watch: &Watch, service: &Service) -> (End, bool, TcpStream) {
    let socket = TokioIo::new(Socket { stream, watch: watch.clone() });
    let answering = service_fn(|request| Box::pin(answer(service.router.clone(), peer, watch, request)));
    let mut exchange = http1::Builder::new()
        // Ours is kept beside it: this one would take a connection that waits for its next request for a slow head.
        .header_read_timeout(None)
        .max_header_size(LARGEST_HEAD)
        .serve_connection(socket, answering);
    let (mut closing, mut stopping) = (pin!(watch.seat().closing.cancelled()), pin!(service.stop.cancelled()));
    let mut timer = pin!(sleep(Duration::ZERO));
    let (mut armed, mut leaving) = (None, false);
    let end = poll_fn(|cx| {
        loop {
            // First, so that what has come in the meantime counts.
            if let Poll::Ready(ended) = exchange.poll_without_shutdown(cx) {
                return Poll::Ready(match ended {
                    Err(cause) if cause.is_parse() => End::Misread { too_large: cause.is_parse_too_large() },
                    _ => End::Over,
                });
            }
            if !leaving {
                let (wanted, stopped) = (closing.as_mut().poll(cx).is_ready(), stopping.as_mut().poll(cx).is_ready());
                match (watch.is_idle(), wanted, stopped) {
                    (_, false, false) => {}
                    (true, _, true) => return Poll::Ready(End::Stopped),
                    (true, true, _) => return Poll::Ready(End::Closed(Reason::MadeRoom)),
                    (false, _, _) => {
                        // What is in work is finished, and is the last.
                        leaving = true;
                        Pin::new(&mut exchange).graceful_shutdown();
                        continue;
                    }
                }
            }
            let Some((due, reason)) = watch.due() else { return Poll::Pending };
            if armed != Some(due) {
                armed = Some(due);
                timer.as_mut().reset(due);
            }
            return timer.as_mut().poll(cx).map(|()| End::Closed(reason));
        }
    })
    .await;
    let owes_head = watch.owes_head();
    (end, owes_head, exchange.into_parts().io.into_inner().stream)
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    watch: &Watch,
    mut request: Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let in_work = watch.begin();
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request).await?;
    Ok(response.map(|body| Answer { body, _in_work: in_work }))
}

/// Says that nothing more will come, and reads what does for a moment, unless its place is wanted.
async fn linger(stream: &mut TcpStream, watch: &Watch, service: &Service) {
    let draining = async {
        if stream.shutdown().await.is_ok() {
            let _ = tokio::io::copy(&mut stream.take(LINGERING), &mut tokio::io::sink()).await;
        }
    };
    tokio::select! {
        _ = timeout(LINGER, draining) => {}
        () = watch.seat().closing.cancelled() => {}
        () = service.stop.cancelled() => {}
    }
}

/// Tells a connection that was not taken on to come again.
pub(super) fn turn_away(stream: &TcpStream) {
    let _ = stream.try_write(&FULL);
    // Closed with something unread, it would take its word back.
    let _ = stream.try_read(&mut [0; 8192]);
}

static TOO_SLOW: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let detail = "No whole request came over this connection in time. Nothing was done: send it again.";
    written(Problem::new(Kind::TooSlow, "head_too_slow", detail))
});

static FULL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let detail =
        "Too many connections are open at the moment. Nothing was done: send the same request again in a moment.";
    written(Problem::new(Kind::Unavailable, "too_many_connections", detail))
});

/// The whole answer as it goes over the wire, the last on its connection.
fn written(problem: Problem) -> Vec<u8> {
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let response = problem.into_response();
    let mut wire = format!("HTTP/1.1 {}\r\nconnection: close\r\ncontent-length: {}\r\n", response.status(), body.len());
    for (name, value) in response.headers() {
        if let Ok(value) = value.to_str() {
            wire.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    wire.push_str("\r\n");
    let mut wire = wire.into_bytes();
    wire.extend(body);
    wire
}
