//! What a slice is told when all of it fails.

use crate::error::Error;
use service_kit::KitError;

/// The answers to a slice of `length`. Where the slice failed as a whole, the first is told why, and the others that
/// nothing was done.
pub(crate) fn told<A>(outcome: Result<Vec<Result<A, Error>>, Error>, length: usize) -> Vec<Result<A, Error>> {
    match outcome {
        Ok(answers) => answers,
        Err(cause) => {
            let others = (1..length).map(|_| Err(KitError::NotDone.into()));
            std::iter::once(Err(cause)).chain(others).collect()
        }
    }
}
