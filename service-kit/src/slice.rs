//! What changes data works on many at once; one is a slice of length one.

use crate::KitError;

/// The answer to a slice of length one.
///
/// # Errors
/// The answer is one; or there is none, which is a bug of the work.
pub fn one<A, E: From<KitError>>(answers: Vec<Result<A, E>>) -> Result<A, E> {
    answers.into_iter().next().unwrap_or_else(|| Err(KitError::NoAnswer.into()))
}
