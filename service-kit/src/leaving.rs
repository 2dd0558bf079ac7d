//! Leaving without a request lost. Whoever sends a program requests learns a little late that it was told to end: a
//! gateway from its directory, a peer only when a connection that it keeps is closed. So for the span of `SHUTDOWN_DELAY`
//! everything is still served, `/readyz` says no, and each answer says that it is the last on its connection, after which
//! whoever asked opens the next one elsewhere. Closing what is kept instead would meet requests that are on their way.

use axum::{Router, middleware, response::Response};
use http::{HeaderValue, header};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// `router`, whose answers end their connections (RFC 9112, 9.6) once `leaving` is cancelled.
pub fn told_by(router: Router, leaving: CancellationToken) -> Router {
    router.layer(middleware::map_response(move |mut response: Response| {
        if leaving.is_cancelled() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        std::future::ready(response)
    }))
}

/// Waits until `stop`, and then for as long as it is still to be served.
pub async fn until_gone(who: &str, stop: &CancellationToken, leaving: &CancellationToken, delay: Duration) {
    stop.cancelled().await;
    if delay.is_zero() {
        return;
    }
    tracing::info!(who, seconds = delay.as_secs(), "told to end; serving a while longer, so that nobody finds it gone");
    leaving.cancel();
    tokio::time::sleep(delay).await;
}
