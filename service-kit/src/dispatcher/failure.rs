//! Why an attempt failed, and what may help: that decides whether a batch is tried once more, one by one, or later.

use crate::{
    Kind, KitError,
    error::{database_kind, describe},
};
use sqlx::error::DatabaseError;
use std::{error::Error, fmt};

/// Why an attempt failed, and what may help.
pub(crate) struct Failure {
    /// For people; it goes into the inbox.
    pub(crate) reason: String,
    pub(super) remedy: Remedy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Two met: whoever comes second gets through.
    OnceMore,
    /// It may be one of them: each by itself.
    EachAlone,
    /// None of them: all of them, at another time.
    Later,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Failure {
    pub(super) fn of(cause: &(dyn Error + 'static)) -> Self {
        Self { reason: describe(cause), remedy: Remedy::of(cause) }
    }
}

impl Remedy {
    /// By what the database said, however deep in the error it stands.
    pub(super) fn of(cause: &(dyn Error + 'static)) -> Self {
        let mut next = Some(cause);
        while let Some(cause) = next {
            if let Some(cause) = cause.downcast_ref::<sqlx::Error>() {
                return Self::of_database(cause);
            }
            if let Some(KitError::Database(cause)) = cause.downcast_ref() {
                return Self::of_database(cause);
            }
            // What sqlx keeps in its own error, when that one was handed through.
            if let Some(code) = cause.downcast_ref::<Box<dyn DatabaseError>>().and_then(|cause| cause.code()) {
                return Self::of_code(&code);
            }
            if cause.is::<std::io::Error>() {
                return Self::Later;
            }
            next = cause.source();
        }
        Self::EachAlone
    }

    fn of_database(cause: &sqlx::Error) -> Self {
        match cause.as_database_error().and_then(DatabaseError::code) {
            Some(code) => Self::of_code(&code),
            None if database_kind(cause) == Kind::Unavailable => Self::Later,
            None => Self::EachAlone,
        }
    }

    /// PostgreSQL, appendix A: a deadlock and what could not be serialised; connections, resources, an operator's hand.
    fn of_code(code: &str) -> Self {
        match (code, code.get(..2)) {
            ("40P01" | "40001", _) => Self::OnceMore,
            (_, Some("08" | "53" | "57")) => Self::Later,
            _ => Self::EachAlone,
        }
    }
}
