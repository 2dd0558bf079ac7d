//! What can go wrong with guests.

use service_kit::{Fault, Kind};
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuestError {
    #[error("too many guests were made, from there or with this address")]
    TooMany { wait: Duration },
    #[error("the secret is another guest's")]
    SecretUsed,
    #[error("the guest has joined an account")]
    Joined,
    #[error("the guest's secret is unknown or over")]
    Unknown,
    #[error("the guest's address has no account")]
    NoAccount,
}

impl Fault for GuestError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "too_many_guests",
            Self::SecretUsed => "guest_secret_used",
            Self::Joined => "guest_joined",
            Self::Unknown => "invalid_guest",
            Self::NoAccount => "address_without_account",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::TooMany { .. } => Kind::TooMany,
            Self::SecretUsed | Self::Joined | Self::NoAccount => Kind::Conflict,
            Self::Unknown => Kind::Unauthenticated,
        }
    }

    fn public(&self) -> String {
        let text = match self {
            Self::TooMany { wait } => {
                // Rounded up: who comes then comes late enough.
                let wait = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                return format!(
                    "Too much was ordered without an account, from here or with this address: try again in {wait} s, or log in."
                );
            }
            Self::SecretUsed => "This secret is of a guest with another address or cart: make a new one.",
            Self::Joined => "What was ordered is in the account of this address by now: log in to see it.",
            Self::Unknown => "This guest is not known here, or was not seen for too long: order again, or log in.",
            Self::NoAccount => {
                "This address has no account yet: register with it, and what was ordered comes into that."
            }
        };
        text.to_owned()
    }

    fn retry_after(&self) -> Option<Duration> {
        if let Self::TooMany { wait } = self { Some(*wait) } else { None }
    }
}
