//! What can go wrong in notify-service. Knows nothing of HTTP.

use service_kit::{Fault, Kind, KitError, Problem};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such notification")]
    NoSuchNotification,
    #[error("no such delivery")]
    NoSuchDelivery,
    #[error("the delivery was not given up")]
    DeliveryNotFailed,
    #[error("whom the delivery was for was erased")]
    RecipientErased,
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
            Self::NoSuchDelivery => "delivery_not_found",
            Self::DeliveryNotFailed => "delivery_not_failed",
            Self::RecipientErased => "recipient_erased",
            Self::Kit(cause) => cause.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchNotification | Self::NoSuchDelivery => Kind::NotFound,
            Self::DeliveryNotFailed | Self::RecipientErased => Kind::Conflict,
            Self::Kit(cause) => cause.kind(),
        }
    }

    fn public(&self) -> String {
        match self {
            Self::NoSuchNotification => "You have no such notification.".to_owned(),
            Self::NoSuchDelivery => "There is no such mail.".to_owned(),
            Self::DeliveryNotFailed => {
                "This mail was not given up: it was sent, or is being sent. Look at it again.".to_owned()
            }
            Self::RecipientErased => "Whom this mail was for was erased: there is nobody to tell.".to_owned(),
            Self::Kit(cause) => cause.public(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Fault, KitError};

    /// Every variant of this service's own. One that is missing here does not compile.
    fn own() -> Vec<Error> {
        match Error::NoSuchNotification {
            Error::NoSuchNotification
            | Error::NoSuchDelivery
            | Error::DeliveryNotFailed
            | Error::RecipientErased
            | Error::Kit(_) => {
                vec![Error::NoSuchNotification, Error::NoSuchDelivery, Error::DeliveryNotFailed, Error::RecipientErased]
            }
        }
    }

    #[test]
    fn every_error_has_a_code_of_its_own() {
        let mut codes: Vec<_> = own().iter().map(Fault::code).collect();
        codes.sort_unstable();
        assert!(codes.array_windows().all(|[one, next]| one != next), "{codes:?}");
        let kit = [
            KitError::IdempotencyKeyReused,
            KitError::NoAnswer,
            KitError::NotDone,
            sqlx::Error::PoolTimedOut.into(),
            KitError::Contradiction { what: "total", told: String::new(), known: String::new() },
        ];
        for known in kit.iter().map(Fault::code) {
            assert!(!codes.contains(&known), "{known} is the kit's");
        }
    }
}
