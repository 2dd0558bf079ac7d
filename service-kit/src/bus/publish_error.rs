//! Why an event was not confirmed.

use contracts::ServiceName;

/// Why the bus did not confirm an event. It is sent again.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PublishError {
    /// Nothing can be said of the message.
    #[error("the broker is away: {0}")]
    Broker(String),
    /// It was returned: `mandatory` (AMQP 0-9-1, basic.publish).
    #[error("no queue is bound for {kind}: its subscribers have not declared theirs yet")]
    NoQueue {
        /// The event type.
        kind: String,
    },
    /// It answered with a `nack`.
    #[error("the broker refused the message")]
    Refused,
    /// In one process: its service has not been started.
    #[error("{subscriber} is not here yet")]
    NotHere {
        /// Who must have it.
        subscriber: ServiceName,
    },
    /// In one process: its inbox did not take it.
    #[error("{subscriber} could not store it: {cause}")]
    NotStored {
        /// Who must have it.
        subscriber: ServiceName,
        /// Why not.
        cause: String,
    },
}

impl PublishError {
    /// All values of [`Self::reason`].
    pub(crate) const REASONS: [&'static str; 5] = ["broker", "no_queue", "refused", "not_here", "not_stored"];

    /// In one word, for the metrics.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Broker(_) => "broker",
            Self::NoQueue { .. } => "no_queue",
            Self::Refused => "refused",
            Self::NotHere { .. } => "not_here",
            Self::NotStored { .. } => "not_stored",
        }
    }
}
