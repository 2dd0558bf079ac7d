//! What goes wrong with a call to another service.

use contracts::ServiceName;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Why a call gave no answer of the wanted kind.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// No answer. Where nothing was `sent`, because no connection could be made, it did not act; otherwise that is unknown.
    #[error("{peer} cannot be reached: {cause}")]
    Unreachable {
        /// Who was asked.
        peer: ServiceName,
        /// Why, for the log.
        cause: String,
        /// Whether it may have got the request.
        sent: bool,
    },
    /// It answered with a problem. With a status below 500 it did not act; above, that is unknown: it may have given up
    /// on work that was done all the same.
    #[error("{peer} answered {status} {}: {}", problem.code, problem.detail)]
    Refused {
        /// Who was asked.
        peer: ServiceName,
        /// What it answered.
        status: StatusCode,
        /// What it said.
        problem: Box<RemoteProblem>,
    },
    /// It says none of the answers that were agreed on; whether it acted is unknown.
    #[error("{peer} answered what we cannot read: {cause}")]
    Unreadable {
        /// Who was asked.
        peer: ServiceName,
        /// Why, for the log.
        cause: String,
    },
}

/// A problem as another service sent it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RemoteProblem {
    /// Stable, `snake_case`: what to decide by.
    #[serde(default)]
    pub code: String,
    /// A sentence for people.
    #[serde(default)]
    pub detail: String,
    /// What else it says.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}
