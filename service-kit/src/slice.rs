//! What changes data works on many at once; one is a slice of length one.

use crate::KitError;
use sqlx::{Executor, PgConnection};
use std::collections::BTreeSet;

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

/// Does the first of each key, and then all the others, who find what those left. Everybody keeps their place.
pub async fn firsts_first<T, K, A, E, F>(
    items: Vec<T>,
    key: impl Fn(&T) -> K,
    work: impl Fn(Vec<T>) -> F,
) -> Vec<Result<A, E>>
where
    K: Ord,
    E: From<KitError>,
    F: Future<Output = Vec<Result<A, E>>>,
{
    let mut known = BTreeSet::new();
    let is_first: Vec<bool> = items.iter().map(|item| known.insert(key(item))).collect();
    let (mut firsts, mut others) = (Vec::new(), Vec::new());
    for (item, is_first) in items.into_iter().zip(&is_first) {
        if *is_first { firsts.push(item) } else { others.push(item) }
    }
    let mut firsts = work(firsts).await.into_iter();
    let mut others = if others.is_empty() { Vec::new() } else { work(others).await }.into_iter();
    let answers = is_first.into_iter().map(|is_first| if is_first { firsts.next() } else { others.next() });
    answers.map(|answer| answer.unwrap_or_else(|| Err(KitError::NoAnswer.into()))).collect()
}

/// Has the transaction of several wait for a lock no longer than a second: then each is tried alone, and only who is in
/// somebody's way waits for them.
///
/// # Errors
/// The database is away.
pub async fn wait_shortly(connection: &mut PgConnection, of: usize) -> Result<(), sqlx::Error> {
    if of > 1 {
        connection.execute("SET LOCAL lock_timeout = '1s'").await?;
    }
    Ok(())
}
