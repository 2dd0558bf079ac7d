//! A request that changes something is finished as if its caller had stayed.
//!
//! Dropped half-way, as an HTTP server drops a handler whose connection closes, a checkout would leave stock held for an
//! order that never came to be, and a commit whose answer nobody reads would leave its connection in the middle of a
//! transaction. So what may change something runs in a task of its own, with its place among the requests in work:
//! neither a closed connection nor our own deadline ends it, and a stop waits for it.

use crate::{Kind, Problem, trace};
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// The requests that were begun and are seen through.
#[derive(Clone, Default)]
pub(crate) struct Begun(TaskTracker);

impl Begun {
    /// Middleware. What only reads (RFC 9110, 9.2.1) ends with its caller.
    pub(crate) async fn see_through(self, request: Request, next: Next) -> Response {
        if request.method().is_safe() {
            return next.run(request).await;
        }
        let work = trace::within(trace::current(), next.run(request)).in_current_span();
        self.0.spawn(work).await.unwrap_or_else(|cause| {
            // A handler's panic is caught further in.
            tracing::error!(%cause, "a request's task ended by itself");
            Problem::new(Kind::Internal, "internal", "Something went wrong on our side. It has been logged.")
                .into_response()
        })
    }

    /// Returns once all that were begun have ended; for the stop, when no more are taken.
    pub(crate) async fn finished(&self) {
        self.0.close();
        self.0.wait().await;
    }
}
