//! Where a process may die on purpose, in builds with the feature `labs`: every commit and every call that leaves the
//! process. In any other build passing a point is nothing.

use std::io;

/// A call that leaves the process: `ask:NAME` is passed before it and `answered:NAME` after an answer. `broken` makes
/// the caller's own error of a connection that broke.
///
/// # Errors
/// Those of the call.
#[cfg(feature = "labs")]
pub async fn outgoing<T, E>(
    name: &str,
    call: impl Future<Output = Result<T, E>>,
    broken: impl Fn(io::Error) -> E,
) -> Result<T, E> {
    pass("ask:", name).await.map_err(&broken)?;
    let answer = call.await?;
    pass("answered:", name).await.map_err(&broken)?;
    Ok(answer)
}

/// A call that leaves the process, by its name. `broken` makes the caller's own error of a connection that broke.
///
/// # Errors
/// Those of the call.
#[cfg(not(feature = "labs"))]
pub fn outgoing<T, E>(
    _name: &str,
    call: impl Future<Output = Result<T, E>>,
    _broken: impl Fn(io::Error) -> E,
) -> impl Future<Output = Result<T, E>> {
    call
}

#[cfg(feature = "labs")]
pub(crate) use crate::labs::faults::pass;

/// Nothing, in this build.
#[cfg(not(feature = "labs"))]
#[inline(always)]
pub(crate) fn pass(_kind: &str, _name: &str) -> std::future::Ready<io::Result<()>> {
    std::future::ready(Ok(()))
}
