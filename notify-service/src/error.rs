//! What can go wrong in notify-service. Knows nothing of HTTP.

use service_kit::{Fault, Kind, KitError, Problem};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such notification")]
    NoSuchNotification,
    #[error(transparent)]
    Kit(#[from] KitError),
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self::Kit(cause.into())
    }
}

impl From<serde_json::Error> for Error {
    fn from(cause: serde_json::Error) -> Self {
        Self::Kit(cause.into())
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchNotification => "notification_not_found",
            Self::Kit(cause) => cause.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchNotification => Kind::NotFound,
            Self::Kit(cause) => cause.kind(),
        }
    }

    fn public(&self) -> String {
        match self {
            Self::NoSuchNotification => "You have no such notification.".to_owned(),
            Self::Kit(cause) => cause.public(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}
