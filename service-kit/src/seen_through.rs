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
    /// What only reads (RFC 9110, 9.2.1) ends with its caller.
    pub(crate) async fn see_through(&self, request: Request, next: Next) -> Response {
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

#[cfg(test)]
mod tests {
    use super::Begun;
    use axum::{
        Router,
        body::Body,
        extract::Request,
        middleware::{self, Next},
        response::Response,
        routing::any,
    };
    use http::{Method, StatusCode};
    use std::{
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        time::Duration,
    };
    use tower::ServiceExt;

    /// Shorter than ours, which nobody wants to wait for.
    const DEADLINE: Duration = Duration::from_millis(50);

    async fn see_through(begun: Begun, request: Request, next: Next) -> Response {
        begun.see_through(request, next).await
    }

    /// Asks for work that takes longer than our own deadline; whether it was done once all that was begun has ended.
    async fn done_after_the_deadline(method: Method) -> bool {
        let (begun, done) = (Begun::default(), Arc::new(AtomicBool::new(false)));
        let (seen, doing) = (begun.clone(), Arc::clone(&done));
        let work = any(move || async move {
            tokio::time::sleep(DEADLINE * 20).await;
            doing.store(true, Ordering::SeqCst);
        });
        let router = Router::new()
            .route("/", work)
            .layer(middleware::from_fn(move |request, next| see_through(seen.clone(), request, next)))
            .layer(middleware::from_fn(|request: Request, next: Next| {
                crate::server::bounded(DEADLINE, next.run(request))
            }));
        let request = Request::builder().method(method).uri("/").body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        begun.finished().await;
        done.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn a_change_outlives_our_own_deadline_and_a_look_does_not() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(done_after_the_deadline(method.clone()).await, "{method} was dropped half-way");
        }
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert!(!done_after_the_deadline(method.clone()).await, "{method} went on for nobody");
        }
    }
}
