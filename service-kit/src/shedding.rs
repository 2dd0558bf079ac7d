//! Load shedding: a service works on a bounded number of requests at a time and answers the rest at once. A queue
//! would only make everybody late: whoever waits longer than their patience asks again, and is worked on twice.

use crate::{Kind, Problem};
use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use contracts::ServiceName;
use metrics::{Counter, counter};
use std::{num::NonZeroU16, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// How soon whoever was turned away may come again.
pub(crate) const COME_AGAIN: Duration = Duration::from_secs(1);
/// What a caller decides by: nothing was done.
pub(crate) const OVERLOADED: &str = "overloaded";
/// What they are told.
pub(crate) const TOO_MANY: &str =
    "Too many requests are in work at the moment. Nothing was done: send the same request again in a moment.";

/// Marks an answer that was given instead of work: thousands of them a second are counted, not logged.
#[derive(Clone, Copy)]
pub(crate) struct Shed;

/// The places for requests in work; one set for all of a service's routes.
#[derive(Clone)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    shed: Counter,
}

impl Places {
    pub(crate) fn new(service: ServiceName, places: NonZeroU16) -> Self {
        let shed = counter!("http_requests_shed_total", "service" => service.as_str());
        Self { free: Arc::new(Semaphore::new(usize::from(places.get()))), shed }
    }

    /// Bounds the routes of `router`. What an operator asks for is merged afterwards: it must answer at all times.
    pub(crate) fn bound(&self, router: Router) -> Router {
        let places = self.clone();
        router.layer(middleware::from_fn(move |request, next| places.clone().admit(request, next)))
    }

    async fn admit(self, request: Request, next: Next) -> Response {
        // Never waited for. It is free again when the answer is there, and when who asked has gone away.
        let Ok(_place) = self.free.try_acquire() else {
            self.shed.increment(1);
            return turned_away();
        };
        next.run(request).await
    }
}

fn turned_away() -> Response {
    let mut problem = Problem::new(Kind::Unavailable, OVERLOADED, TOO_MANY);
    problem.retry_after = Some(COME_AGAIN);
    let mut response = problem.into_response();
    response.extensions_mut().insert(Shed);
    response
}
