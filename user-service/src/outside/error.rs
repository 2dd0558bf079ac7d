//! What can go wrong between us and an OpenID provider. No text of the provider's is in it: it may name people.

use std::io;

#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// It did not answer, or not well.
    #[error("the OpenID provider is away: {0}")]
    Away(String),
    /// The code was used, is over, or is none of its own.
    #[error("the OpenID provider refused the code")]
    CodeRefused,
    /// A token is signed by a key that it does not publish.
    #[error("the token is signed by an unknown key")]
    UnknownKey,
    /// What it says does not hold.
    #[error("the OpenID provider is not believed: {0}")]
    Untrue(&'static str),
}

impl From<reqwest::Error> for OutsideError {
    fn from(cause: reqwest::Error) -> Self {
        Self::Away(cause.without_url().to_string())
    }
}

impl From<io::Error> for OutsideError {
    fn from(cause: io::Error) -> Self {
        Self::Away(cause.to_string())
    }
}
