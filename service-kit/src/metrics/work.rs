//! Handles for requests, calls to other services and runs of timed work, made once like those of the events.

use crate::{KitError, peers::PeerError};
use contracts::ServiceName;
use http::{Method, StatusCode};
use metrics::{Counter, Histogram, counter, histogram};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};

/// Calls to one peer.
pub(crate) struct Calls {
    answered: Counter,
    refused: Counter,
    unreachable: Counter,
    unreadable: Counter,
    duration: Histogram,
}

impl Calls {
    pub(crate) fn new(service: ServiceName, peer: ServiceName) -> Self {
        let (service, peer) = (service.as_str(), peer.as_str());
        let outcome = |outcome: &'static str| counter!("peer_calls_total", "service" => service, "peer" => peer, "outcome" => outcome);
        Self {
            answered: outcome("answered"),
            refused: outcome("refused"),
            unreachable: outcome("unreachable"),
            unreadable: outcome("unreadable"),
            duration: histogram!("peer_call_duration_seconds", "service" => service, "peer" => peer),
        }
    }

    pub(crate) fn note<R>(&self, took: Duration, answer: &Result<R, KitError>) {
        let counter = match answer {
            Ok(_) => &self.answered,
            Err(KitError::Peer(PeerError::Refused { .. })) => &self.refused,
            Err(KitError::Peer(PeerError::Unreadable { .. })) => &self.unreadable,
            Err(_) => &self.unreachable,
        };
        counter.increment(1);
        self.duration.record(took);
    }
}

/// Requests, by route, method and status.
pub(crate) struct Requests {
    service: &'static str,
    routes: RwLock<HashMap<String, Vec<Answered>>>,
}

struct Answered {
    method: &'static str,
    status: StatusCode,
    count: Counter,
    duration: Histogram,
}

impl Requests {
    pub(crate) fn new(service: ServiceName) -> Self {
        Self { service: service.as_str(), routes: RwLock::default() }
    }

    pub(crate) fn note(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let method = method_label(method);
        let note = |answered: &Answered| {
            answered.count.increment(1);
            answered.duration.record(took);
        };
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let of_route = routes.get(route).into_iter().flatten();
        if let Some(known) = of_route.into_iter().find(|one| one.method == method && one.status == status) {
            return note(known);
        }
        drop(routes);
        let (service, code, path) = (self.service, status.as_u16().to_string(), route.to_owned());
        let count = counter!(
            "http_requests_total", "service" => service, "method" => method, "route" => path.clone(), "status" => code
        );
        let duration = histogram!("http_request_duration_seconds", "service" => service, "method" => method, "route" => path.clone());
        let answered = Answered { method, status, count, duration };
        note(&answered);
        // Two may have come to this at once; then there are two handles of the same.
        self.routes.write().unwrap_or_else(PoisonError::into_inner).entry(path).or_default().push(answered);
    }
}

/// A stranger's method must not make a new time series.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Runs of one task.
#[derive(Clone)]
pub(crate) struct Runs {
    pub(crate) done: Counter,
    pub(crate) failed: Counter,
    pub(crate) panicked: Counter,
}

impl Runs {
    pub(crate) fn new(service: &'static str, task: &'static str) -> Self {
        let outcome = |outcome: &'static str| counter!("task_runs_total", "service" => service, "task" => task, "outcome" => outcome);
        Self { done: outcome("done"), failed: outcome("failed"), panicked: outcome("panicked") }
    }
}

/// The batches of one door.
pub(crate) struct Gathering {
    pub(crate) items: Histogram,
    /// Of each item, until its batch begins.
    pub(crate) wait: Histogram,
    pub(crate) work: Histogram,
    /// What was done again, and how.
    pub(crate) together: Counter,
    pub(crate) alone: Counter,
    pub(crate) shed: Counter,
}

impl Gathering {
    pub(crate) fn new(service: ServiceName, work: &'static str) -> Self {
        let service = service.as_str();
        let again = |how: &'static str| counter!("batch_items_redone_total", "service" => service, "work" => work, "how" => how);
        Self {
            items: histogram!("batch_items", "service" => service, "work" => work),
            wait: histogram!("batch_wait_seconds", "service" => service, "work" => work),
            work: histogram!("batch_work_seconds", "service" => service, "work" => work),
            together: again("together"),
            alone: again("alone"),
            shed: counter!("http_requests_shed_total", "service" => service),
        }
    }
}
