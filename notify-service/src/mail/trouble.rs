//! Why a mail does not leave.

use lettre::transport::smtp;

/// Why a mail did not leave, in words of our own: the server's name the address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    #[error("the mail server refused it with {code}")]
    Refused { code: String },
    #[error("the mail server did not answer in time")]
    Timeout,
    #[error("the mail server cannot be reached, or no secure connection to it made")]
    Connection,
    #[error("the mail server answered what is no SMTP")]
    Protocol,
    #[error("the mail server cannot take a mail like this, or not with these credentials")]
    Unsupported,
    #[error("the mail folder cannot be written: {0}")]
    Folder(#[from] std::io::Error),
}

impl From<smtp::Error> for PostError {
    fn from(cause: smtp::Error) -> Self {
        if let Some(code) = cause.status() {
            return Self::Refused { code: code.to_string() };
        }
        if cause.is_timeout() {
            return Self::Timeout;
        }
        if cause.is_client() {
            return Self::Unsupported;
        }
        if cause.is_response() { Self::Protocol } else { Self::Connection }
    }
}
