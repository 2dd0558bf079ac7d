//! A transaction that fails is everybody's whose wish was in it.

use crate::Error;
use service_kit::KitError;

/// One is told why, the others that it failed.
pub(super) fn all_failed<A>(cause: Error, asked: usize) -> Vec<Result<A, Error>> {
    let others = std::iter::repeat_with(|| Error::Kit(KitError::NotDone));
    std::iter::once(cause).chain(others).take(asked).map(Err).collect()
}
