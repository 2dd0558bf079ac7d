//! `/flow/stream`: what the page's script listens to (server-sent events).

use super::{
    hub::{Hub, Shown, Watch},
    state::Flow,
};
use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};
use tokio::sync::{
    OwnedSemaphorePermit,
    broadcast::{Receiver, error::RecvError},
};
use tokio_util::sync::CancellationToken;

/// Finds out who has gone, and keeps proxies from taking a quiet stream for a dead one.
const BEAT: Duration = Duration::from_secs(10);

pub(super) async fn stream(State(flow): State<Flow>) -> Response {
    let Some(Watch { live, stop, first, place }) = flow.hub.watch() else {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "As many as may are watching already: reload the page to see the state.",
        )
            .into_response();
    };
    let viewer = Viewer { first: first.into(), live, stop, hub: flow.hub, _place: place };
    let events = stream::unfold(viewer, |mut viewer| async move {
        let shown = viewer.stop.clone().run_until_cancelled(viewer.next()).await??;
        let event = sse::Event::default().event(shown.name).data(&shown.data);
        Some((Ok::<_, Infallible>(event), viewer))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT)).into_response();
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

struct Viewer {
    /// Before what happens from now on.
    first: VecDeque<Arc<Shown>>,
    live: Receiver<Arc<Shown>>,
    stop: CancellationToken,
    hub: Arc<Hub>,
    _place: OwnedSemaphorePermit,
}

impl Viewer {
    async fn next(&mut self) -> Option<Arc<Shown>> {
        loop {
            if let Some(shown) = self.first.pop_front() {
                return Some(shown);
            }
            match self.live.recv().await {
                Ok(shown) => return Some(shown),
                // Too slow for what happens: it goes on with how things stand now.
                Err(RecvError::Lagged(_)) => self.first = self.hub.all().into(),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
