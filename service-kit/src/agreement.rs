//! What an event says is compared with what its consumer knows itself.
//!
//! Whoever gets at the broker can say anything in our name. What contradicts our own books changes nothing here: it is
//! refused, and in the end a dead letter whose reason gives both values. Money and stock wait for a person then.

use crate::KitError;
use std::fmt::Display;

/// `what` is the field's name, for people.
///
/// # Errors
/// [`KitError::Contradiction`]: the event says something else.
pub fn agree<T: PartialEq + Display>(what: &'static str, told: T, known: T) -> Result<(), KitError> {
    if told == known { Ok(()) } else { Err(contradiction(what, told, known)) }
}

/// For what is compared by more than equality.
pub fn contradiction(what: &'static str, told: impl Display, known: impl Display) -> KitError {
    KitError::Contradiction { what, told: told.to_string(), known: known.to_string() }
}
