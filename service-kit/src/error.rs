//! What can go wrong inside the kit while a service does its work.

use crate::{
    peers::PeerError,
    problem::{Fault, Kind, Problem},
    shedding::{COME_AGAIN, OVERLOADED, TOO_MANY},
};
use std::time::Duration;

/// An error of the kit, carried by each service's own error enum.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// Refused, away, or broken off.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The tables cannot be brought up to date.
    #[error(transparent)]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Another service did not give what it was asked for.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// A message that is no event of ours.
    #[error(transparent)]
    Envelope(#[from] contracts::envelope::EnvelopeError),
    /// A value of ours that has no form in JSON.
    #[error("a value cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// What an event says is not what its consumer knows itself.
    #[error("the event gives {told} as its {what}, and {known} is known here")]
    Contradiction {
        /// What both tell of, e.g. `total`.
        what: &'static str,
        /// By the event.
        told: String,
        /// By what was stored.
        known: String,
    },
    /// Nothing was done for the second request.
    #[error("the Idempotency-Key was used before with another request")]
    IdempotencyKeyReused,
    /// A secret or key is missing, or is not what it should be.
    #[error("a key could not be made or used: {0}")]
    Key(String),
    /// What another wish of the same transaction failed of; that one was told the cause.
    #[error("the transaction failed, with others in it")]
    NotDone,
    /// So many wait for this work already that one more is not taken.
    #[error("too many wait for this already")]
    Overloaded,
    /// Work on a slice gave fewer answers than it was asked for.
    #[error("the work gave no answer")]
    NoAnswer,
    /// The whole sentence; nothing is to be said around it.
    #[error("{0}")]
    NotOpened(String),
    /// The exporter of spans cannot be set up.
    #[error("traces cannot be recorded: {0:#}")]
    Traces(anyhow::Error),
}

impl Fault for KitError {
    fn code(&self) -> &'static str {
        match self {
            Self::Database(cause) => database_code(cause),
            Self::Peer(_) => "dependency_unavailable",
            Self::NotDone => "not_done",
            Self::Overloaded => OVERLOADED,
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::Contradiction { .. } => "event_contradicts",
            Self::Migration(_)
            | Self::Envelope(_)
            | Self::Json(_)
            | Self::Key(_)
            | Self::NoAnswer
            | Self::NotOpened(_)
            | Self::Traces(_) => "internal",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Database(cause) => database_kind(cause),
            Self::Peer(_) | Self::NotDone | Self::Overloaded => Kind::Unavailable,
            Self::IdempotencyKeyReused => Kind::Unprocessable,
            Self::Contradiction { .. }
            | Self::Migration(_)
            | Self::Envelope(_)
            | Self::Json(_)
            | Self::Key(_)
            | Self::NoAnswer
            | Self::NotOpened(_)
            | Self::Traces(_) => Kind::Internal,
        }
    }

    fn public(&self) -> String {
        match self {
            Self::IdempotencyKeyReused => {
                "This Idempotency-Key was used before with another request: use a new key for a new request.".to_owned()
            }
            Self::Overloaded => TOO_MANY.to_owned(),
            _ if self.kind() == Kind::Unavailable => {
                "A part of the platform is away for the moment. Nothing is lost: send the same request again."
                    .to_owned()
            }
            _ => "Something went wrong on our side. It has been logged.".to_owned(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Overloaded).then_some(COME_AGAIN)
    }

    /// SQLSTATE class 40, a deadlock or a serialization failure among it.
    fn is_contended(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| code.starts_with("40"))
    }
}

/// Every error that carries its code and sentence becomes a problem at the last step.
impl From<KitError> for Problem {
    fn from(error: KitError) -> Self {
        Self::of(&error)
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Self::of(&KitError::from(error))
    }
}

/// An error with its causes, for people.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// A database that is away, full or shutting down is not our bug: 503 and come again.
#[must_use]
pub(crate) fn database_kind(cause: &sqlx::Error) -> Kind {
    match cause {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            Kind::Unavailable
        }
        // A server that goes away in the middle of a handshake is taken for one that talks nonsense.
        sqlx::Error::Protocol(_) => Kind::Unavailable,
        // SQLSTATE classes 08 connection, 53 resources, 57 operator intervention, 40 rollback (PostgreSQL, appendix A).
        sqlx::Error::Database(error) => match error.code().as_deref().and_then(|code| code.get(..2)) {
            Some("08" | "53" | "57" | "40") => Kind::Unavailable,
            _ => Kind::Internal,
        },
        _ => Kind::Internal,
    }
}

fn database_code(cause: &sqlx::Error) -> &'static str {
    match database_kind(cause) {
        Kind::Unavailable => "database_unavailable",
        _ => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, database_kind};
    use sqlx::{Connection, PgConnection};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_database_that_goes_away_in_the_middle_of_the_handshake_is_unavailable() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://somebody@{}/shop", listener.local_addr().unwrap());
        tokio::spawn(async move { while listener.accept().await.is_ok() {} });
        let cause = PgConnection::connect(&url).await.unwrap_err();
        assert_eq!(database_kind(&cause), Kind::Unavailable, "{cause:?}");
    }
}
