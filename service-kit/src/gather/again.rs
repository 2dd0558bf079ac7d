//! What of a batch is done once more.

use crate::{Fault, Kind, KitError};

/// The places of what is done again.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Again {
    Nothing,
    /// Two transactions were in each other's way: as it was.
    Together(Vec<usize>),
    /// Something in the data of one of them: each alone.
    Alone(Vec<usize>),
}

/// Where a slice failed as a whole one of it is told why, and the others that nothing was done for them. A reason in the
/// data is an error of ours (a constraint, a value that cannot be read) or a wait for a lock that took too long. Refusals
/// are answers; and where something is away, or took its time, it would be away for each of them.
pub(super) fn again<R, E: Fault>(answers: &[Result<R, E>]) -> Again {
    let failed = |is: &dyn Fn(&E) -> bool| -> Vec<usize> {
        let failed = answers.iter().enumerate().filter(|(_, answer)| answer.as_ref().is_err_and(is));
        failed.map(|(place, _)| place).collect()
    };
    let not_done = |cause: &E| cause.code() == KitError::NotDone.code();
    let ours = |cause: &E| cause.kind() == Kind::Internal;
    if !failed(&E::is_contended).is_empty() {
        return Again::Together(failed(&|cause| cause.is_contended() || ours(cause) || not_done(cause)));
    }
    if failed(&ours).is_empty() {
        Again::Nothing
    } else {
        Again::Alone(failed(&|cause| ours(cause) || not_done(cause)))
    }
}
