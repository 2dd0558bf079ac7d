//! Load shedding: a service works on a bounded number of requests at a time and answers the rest at once. A queue
//! would only make everybody late: whoever waits longer than their patience asks again, and is worked on twice.

use crate::{Kind, Problem};
use axum::response::{IntoResponse, Response};
use contracts::ServiceName;
use metrics::{Counter, counter};
use std::{num::NonZeroU16, sync::Arc, time::Duration};
use tokio::sync::{Semaphore, SemaphorePermit};

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

    /// A place, or the answer where there is none. It is never waited for. It is free again when it is dropped: with the
    /// answer, and when who asked has gone away.
    pub(crate) fn take(&self) -> Result<SemaphorePermit<'_>, Box<Response>> {
        self.free.try_acquire().map_err(|_| {
            self.shed.increment(1);
            Box::new(turned_away())
        })
    }
}

fn turned_away() -> Response {
    let mut problem = Problem::new(Kind::Unavailable, OVERLOADED, TOO_MANY);
    problem.retry_after = Some(COME_AGAIN);
    let mut response = problem.into_response();
    response.extensions_mut().insert(Shed);
    response
}
