//! Why a token was not accepted, and what is said of it.

use crate::{Fault, Kind, Problem};
use contracts::ServiceName;

/// Why a token was not accepted.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AuthError {
    /// The request has none.
    #[error("no bearer token")]
    Missing,
    /// It is none of ours: why is said in the challenge.
    #[error("the token is not valid: {0}")]
    Invalid(&'static str),
    /// It was one.
    #[error("the token has expired")]
    Expired,
    /// Its session ended, or changed, or its API key was revoked.
    #[error("the token was revoked")]
    Revoked,
    /// Valid, but who it speaks for proved too long ago who they are.
    #[error("the token's owner has to prove again who they are")]
    NotFresh,
    /// Whether it is valid cannot be told now.
    #[error("the keys of {0} are not known and it cannot be asked")]
    KeysUnavailable(ServiceName),
    /// Valid, and a guest's, who may go on with one thing alone.
    #[error("the token is a guest's")]
    Guest,
    /// Valid, and not enough.
    #[error("the token's owner may not do this")]
    Forbidden,
}

impl Fault for AuthError {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "token_required",
            Self::Invalid(_) => "invalid_token",
            Self::Expired => "token_expired",
            Self::Revoked => "token_revoked",
            Self::NotFresh => "step_up_required",
            Self::KeysUnavailable(_) => "keys_unavailable",
            Self::Guest => "account_required",
            Self::Forbidden => "forbidden",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Missing | Self::Invalid(_) | Self::Expired | Self::Revoked | Self::NotFresh => Kind::Unauthenticated,
            Self::KeysUnavailable(_) => Kind::Unavailable,
            Self::Guest | Self::Forbidden => Kind::Forbidden,
        }
    }

    fn public(&self) -> String {
        let text = match self {
            Self::Missing => "This needs a token: log in and send it as `Authorization: Bearer …`.",
            Self::Invalid(_) => "The token is not valid: log in again.",
            Self::Expired => "The token has expired: refresh it, or log in again.",
            Self::Revoked => "The token is good no more: refresh it, or log in again.",
            Self::NotFresh => {
                "Prove first that it is you, with POST /auth/step-up, and come again with the token it gives."
            }
            Self::KeysUnavailable(_) => "The token cannot be checked at the moment: try again.",
            Self::Guest => "This needs an account: a guest's token is for their one cart and what was ordered of it.",
            Self::Forbidden => "You may not do this.",
        };
        text.to_owned()
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        if let AuthError::Invalid(why) = error {
            tracing::info!(error.message = why, "a token was refused");
        }
        Self::of(&error)
    }
}
