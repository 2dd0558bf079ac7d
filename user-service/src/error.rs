//! What can go wrong in user-service. Knows nothing of HTTP.

use service_kit::{Fault, Kind, KitError, Problem};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("address or password is wrong")]
    WrongCredentials,
    #[error("too many logins with this address failed")]
    TooManyFailures { wait: Duration },
    #[error("too many mails were asked for")]
    TooManyMails { wait: Duration },
    #[error("the address is not verified")]
    EmailNotVerified,
    #[error("the verification token is unknown")]
    UnknownToken,
    #[error("the verification token has expired")]
    TokenExpired,
    #[error("the address has an account")]
    TokenUsed,
    #[error("too many passwords were tried with the verification token")]
    TokenEnded,
    #[error("the password is not the registration's")]
    WrongRegistrationPassword { left: i32 },
    #[error("too many passwords are being checked")]
    Busy,
    #[error("no such account")]
    NoSuchAccount,
    #[error("no such verification")]
    NoSuchVerification,
    #[error("no such registration")]
    NoSuchRegistration,
    #[error("hashing failed: {0}")]
    Hashing(String),
    #[error(transparent)]
    Kit(#[from] KitError),
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self::Kit(cause.into())
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "invalid_credentials",
            Self::TooManyFailures { .. } => "too_many_failed_logins",
            Self::TooManyMails { .. } => "too_many_mails",
            Self::EmailNotVerified => "email_not_verified",
            Self::UnknownToken => "invalid_verification_token",
            Self::TokenExpired => "verification_token_expired",
            Self::TokenUsed => "verification_token_used",
            Self::TokenEnded => "verification_token_ended",
            Self::WrongRegistrationPassword { .. } => "wrong_registration_password",
            Self::Busy => "busy",
            Self::NoSuchAccount => "account_not_found",
            Self::NoSuchVerification => "verification_not_found",
            Self::NoSuchRegistration => "registration_not_found",
            Self::Hashing(_) => "hashing_failed",
            Self::Kit(cause) => cause.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::WrongCredentials => Kind::Unauthenticated,
            Self::TooManyFailures { .. } | Self::TooManyMails { .. } => Kind::TooMany,
            Self::EmailNotVerified => Kind::Forbidden,
            Self::UnknownToken
            | Self::TokenExpired
            | Self::TokenUsed
            | Self::TokenEnded
            | Self::WrongRegistrationPassword { .. } => Kind::Unprocessable,
            Self::Busy => Kind::Unavailable,
            Self::NoSuchAccount | Self::NoSuchVerification | Self::NoSuchRegistration => Kind::NotFound,
            Self::Hashing(_) => Kind::Internal,
            Self::Kit(cause) => cause.kind(),
        }
    }

    fn public(&self) -> String {
        let text = match self {
            Self::WrongCredentials => "The e-mail address or the password is wrong.",
            Self::TooManyFailures { wait } => {
                return format!("Too many logins with this address failed: try again in {} s.", seconds(*wait));
            }
            Self::TooManyMails { wait } => {
                return format!(
                    "Too many mails were asked for, by you or to this address: try again in {} s. Nothing was kept.",
                    seconds(*wait)
                );
            }
            Self::WrongRegistrationPassword { left } => {
                return format!(
                    "This is not the password this address was registered with; tries left: {left}. If it was not you who \
                     registered, choose a password of your own."
                );
            }
            Self::EmailNotVerified => {
                "Confirm your e-mail address first: open the link in the mail we sent you, or ask for a new one with \
                 POST /auth/resend-verification."
            }
            Self::UnknownToken => "This link is not valid: open the one in the newest mail, or ask for a new one.",
            Self::TokenExpired => "This link has expired, and what was registered with it: register again.",
            Self::TokenUsed => "Your address has an account already: log in.",
            Self::TokenEnded => {
                "Too many passwords were tried with this link: ask for a new one with POST /auth/resend-verification."
            }
            Self::Busy => "Too many passwords are being checked at this moment: try again in a few seconds.",
            Self::NoSuchAccount => "There is no such account.",
            Self::NoSuchVerification => "There is no such verification.",
            Self::NoSuchRegistration => "There is no such registration.",
            Self::Hashing(_) => "Something went wrong on our side. It has been logged.",
            Self::Kit(cause) => return cause.public(),
        };
        text.to_owned()
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyFailures { wait } | Self::TooManyMails { wait } => Some(*wait),
            _ => None,
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use service_kit::{Fault, Kind, KitError};
    use std::{collections::BTreeSet, time::Duration};

    #[test]
    fn every_code_is_unique_and_every_sentence_ends() {
        let errors = [
            Error::WrongCredentials,
            Error::TooManyFailures { wait: Duration::from_millis(1500) },
            Error::EmailNotVerified,
            Error::UnknownToken,
            Error::TokenExpired,
            Error::TokenUsed,
            Error::TokenEnded,
            Error::WrongRegistrationPassword { left: 2 },
            Error::TooManyMails { wait: Duration::from_secs(1) },
            Error::Busy,
            Error::NoSuchAccount,
            Error::NoSuchVerification,
            Error::NoSuchRegistration,
            Error::Hashing("$2b$".to_owned()),
            Error::Kit(KitError::Key("cause".to_owned())),
        ];
        let codes: BTreeSet<_> = errors.iter().map(Fault::code).collect();
        assert_eq!(codes.len(), errors.len());
        for error in &errors {
            let said = error.public();
            assert!(said.ends_with('.') && !said.contains("$2b$") && !said.contains("cause"), "{said}");
        }
        assert!(errors[1].public().contains("in 2 s"), "whole seconds, rounded up");
        assert_eq!(errors[0].kind(), Kind::Unauthenticated);
    }
}
