//! Handles for calls to other services and for runs of timed work, made once like those of the events.

use crate::{KitError, peers::PeerError};
use contracts::ServiceName;
use metrics::{Counter, Histogram, counter, histogram};
use std::time::Duration;

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
