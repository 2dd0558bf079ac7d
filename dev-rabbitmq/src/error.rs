//! What can go wrong, said so that the reader knows what to do.

use std::io;

/// Why there is no RabbitMQ, or no folder for it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The programs are not on this machine.
    #[error(
        "RabbitMQ is not installed. Debian, Ubuntu: apt install rabbitmq-server (its service need not run); macOS: brew \
         install rabbitmq"
    )]
    NotInstalled,
    /// Something the system refused.
    #[error("{doing}: {cause}")]
    Io {
        /// For example "writing rabbitmq.conf".
        doing: String,
        /// What the system said.
        cause: io::Error,
    },
    /// It ended while it was to start.
    #[error("{name} ended ({status}) before it was ready. It said:\n{said}")]
    Ended {
        /// `epmd` or `RabbitMQ`.
        name: &'static str,
        /// How.
        status: String,
        /// The end of its log.
        said: String,
    },
    /// It runs and is not ready.
    #[error("{name} was not ready after {seconds} s. It said:\n{said}")]
    Slow {
        /// `epmd` or `RabbitMQ`.
        name: &'static str,
        /// How long we waited.
        seconds: u64,
        /// The end of its log.
        said: String,
    },
    /// Whoever wanted it has thought better of it.
    #[error("{name} is not wanted any more")]
    CalledOff {
        /// `epmd` or `RabbitMQ`.
        name: &'static str,
    },
    /// Every port in the range is taken.
    #[error("no free port from {first} to {last}")]
    NoPort {
        /// The first that was tried.
        first: u16,
        /// The last.
        last: u16,
    },
}

impl Error {
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |cause| Self::Io { doing, cause }
    }
}
