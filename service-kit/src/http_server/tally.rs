//! What became of connections, counted one by one and told in sums: thousands of lines a second would be an attack of
//! their own.

use metrics::{Counter, Gauge, counter, gauge};
use std::{
    collections::BTreeMap,
    io,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// So many addresses are told of by name at a time.
const NAMED: usize = 16;

/// Why a connection was closed by us, or never begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    HeadTimeout,
    HeadTooLarge,
    Idle,
    Stalled,
    MadeRoom,
    RefusedFull,
    RefusedAddress,
}

impl Reason {
    const ALL: [Self; 7] = [
        Self::HeadTimeout,
        Self::HeadTooLarge,
        Self::Idle,
        Self::Stalled,
        Self::MadeRoom,
        Self::RefusedFull,
        Self::RefusedAddress,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::HeadTimeout => "head_timeout",
            Self::HeadTooLarge => "head_too_large",
            Self::Idle => "idle",
            Self::Stalled => "stalled",
            Self::MadeRoom => "made_room",
            Self::RefusedFull => "refused_full",
            Self::RefusedAddress => "refused_address",
        }
    }
}

/// The connections of one listener.
pub(super) struct Tally {
    who: &'static str,
    open: Gauge,
    closed: [Counter; Reason::ALL.len()],
    untold: Mutex<Untold>,
}

#[derive(Default)]
struct Untold {
    /// By why and whose.
    closed: BTreeMap<(Reason, IpAddr), u64>,
    /// Of addresses that have no place above.
    others: u64,
    exhausted: Option<String>,
}

impl Tally {
    pub(super) fn new(who: &'static str) -> Self {
        let counter =
            |reason: Reason| counter!("http_connections_closed_total", "service" => who, "reason" => reason.as_str());
        Self {
            who,
            open: gauge!("http_connections", "service" => who),
            closed: Reason::ALL.map(counter),
            untold: Mutex::default(),
        }
    }

    pub(super) fn note(&self, reason: Reason, peer: IpAddr) {
        if let Some(at) = Reason::ALL.iter().position(|known| *known == reason) {
            self.closed[at].increment(1);
        }
        if reason == Reason::Idle {
            // Nobody did anything wrong.
            return;
        }
        let mut untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        let of = (reason, peer.to_canonical());
        if untold.closed.len() < NAMED || untold.closed.contains_key(&of) {
            *untold.closed.entry(of).or_default() += 1;
        } else {
            untold.others += 1;
        }
    }

    /// The system gave no descriptor.
    pub(super) fn exhausted(&self, cause: &io::Error) {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).exhausted = Some(cause.to_string());
    }

    /// Says what was noted since the last time, with the addresses it was noted of.
    pub(super) fn tell(&self, open: usize) {
        self.open.set(f64::from(u32::try_from(open).unwrap_or(u32::MAX)));
        let untold = std::mem::take(&mut *self.untold.lock().unwrap_or_else(PoisonError::into_inner));
        for ((reason, peer), connections) in untold.closed {
            let (service, reason_name) = (self.who, reason.as_str());
            if matches!(reason, Reason::MadeRoom | Reason::RefusedFull | Reason::RefusedAddress) {
                tracing::warn!(
                    service, reason = reason_name, connections, client.address = %peer,
                    "connections were closed or refused for want of places"
                );
            } else {
                tracing::info!(
                    service, reason = reason_name, connections, client.address = %peer,
                    "connections were closed that did not get on"
                );
            }
        }
        if untold.others > 0 {
            tracing::warn!(service = self.who, connections = untold.others, "and connections of more addresses");
        }
        if let Some(cause) = untold.exhausted {
            tracing::error!(
                service = self.who,
                cause,
                "a connection could not be taken on: raise the limit of open files"
            );
        }
    }
}
