//! What changes data works on many at once; one is a slice of length one.

use crate::KitError;

/// The answer to a slice of length one.
///
/// # Errors
/// The answer is one; or there is none, which is a bug of the work.
pub fn one<A, E: From<KitError>>(answers: Vec<Result<A, E>>) -> Result<A, E> {
    answers.into_iter().next().unwrap_or_else(|| Err(KitError::NoAnswer.into()))
}

/// The answers to `count` wishes of which all or none were done. Where none was, the first is told why.
pub fn each<A, E: From<KitError>>(whole: Result<Vec<Result<A, E>>, E>, count: usize) -> Vec<Result<A, E>> {
    whole.unwrap_or_else(|cause| {
        let others = std::iter::repeat_with(|| KitError::NotDone.into());
        std::iter::once(cause).chain(others).take(count).map(Err).collect()
    })
}
