//! What is asked for under a key is done once: found, or worked and its answer stored in the same transaction; a race that was
//! lost to a duplicate ends with that one's answer.

use super::stored::{Keyed, StoredAnswer, find_all, store_all};
use crate::{Clock, Database, KitError, Tx, cure};
use futures_util::future::BoxFuture;
use http::StatusCode;
use serde::Serialize;

/// What is done for each wish, and with which status it is answered where it succeeds.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// As [`Database::begin`] wants it.
    pub name: &'static str,
    /// Of an answer that is no refusal.
    pub status: StatusCode,
}

/// A lost race leads to another round without the loser, so there are never more than wishes; this bounds what a bug may do.
const MOST_ROUNDS: usize = 100;

/// Answers each of `wishes`, in their order. `change` works on those whose keys are new, in a transaction that it neither
/// commits nor rolls back, and answers each of them, in their order; for a wish that it refuses it must have written nothing.
/// The answers are stored with what was changed, and the transaction is committed.
///
/// A key that comes twice is worked once and answered twice. A refusal stands only where the key still has no answer: the
/// duplicate that was first may be what it was refused for. Where a commit was sent and not answered, nothing is worked
/// again: whether it went through is read by the keys, and who finds no answer is told that it is unknown.
pub async fn once<C, W, A, E, F>(
    database: &Database,
    clock: &Clock,
    context: &C,
    work: Work,
    wishes: Vec<(Keyed, W)>,
    change: F,
) -> Vec<Result<StoredAnswer, E>>
where
    C: Sync,
    W: Clone + Send + Sync,
    A: Serialize + Send,
    E: From<KitError> + From<sqlx::Error> + Send,
    F: for<'t> Fn(&'t C, &'t mut Tx, Vec<W>) -> BoxFuture<'t, Result<Vec<Result<A, E>>, E>> + Send + Sync,
{
    rounds(database, clock, context, work, wishes, change, true).await
}

/// [`once`], for wishes whose keys were looked up a moment ago and had no answer.
pub async fn once_fresh<C, W, A, E, F>(
    database: &Database,
    clock: &Clock,
    context: &C,
    work: Work,
    wishes: Vec<(Keyed, W)>,
    change: F,
) -> Vec<Result<StoredAnswer, E>>
where
    C: Sync,
    W: Clone + Send + Sync,
    A: Serialize + Send,
    E: From<KitError> + From<sqlx::Error> + Send,
    F: for<'t> Fn(&'t C, &'t mut Tx, Vec<W>) -> BoxFuture<'t, Result<Vec<Result<A, E>>, E>> + Send + Sync,
{
    rounds(database, clock, context, work, wishes, change, false).await
}

async fn rounds<C, W, A, E, F>(
    database: &Database,
    clock: &Clock,
    context: &C,
    work: Work,
    wishes: Vec<(Keyed, W)>,
    change: F,
    mut look: bool,
) -> Vec<Result<StoredAnswer, E>>
where
    C: Sync,
    W: Clone + Send + Sync,
    A: Serialize + Send,
    E: From<KitError> + From<sqlx::Error> + Send,
    F: for<'t> Fn(&'t C, &'t mut Tx, Vec<W>) -> BoxFuture<'t, Result<Vec<Result<A, E>>, E>> + Send + Sync,
{
    let mut answers: Vec<Option<Result<StoredAnswer, E>>> = wishes.iter().map(|_| None).collect();
    let round = Round { database, clock, context, work, wishes: &wishes, change: &change };
    for _ in 0..MOST_ROUNDS {
        let open: Vec<usize> = (0..wishes.len()).filter(|place| answers[*place].is_none()).collect();
        if open.is_empty() {
            break;
        }
        match round.run(&open, std::mem::replace(&mut look, true)).await {
            Ok(told) => told.into_iter().for_each(|(place, answer)| answers[place] = Some(answer)),
            // Of the whole round; each gets its own.
            Err(cause) => {
                let mut cause = Some(cause);
                for place in open {
                    let cause = cause.take().unwrap_or_else(|| KitError::NotDone.into());
                    answers[place] = Some(Err(cause));
                }
            }
        }
    }
    answers.into_iter().map(|answer| answer.unwrap_or_else(|| Err(KitError::NoAnswer.into()))).collect()
}

/// What stays the same from round to round.
struct Round<'r, C, W, F> {
    database: &'r Database,
    clock: &'r Clock,
    context: &'r C,
    work: Work,
    wishes: &'r [(Keyed, W)],
    change: &'r F,
}

/// The place of a wish and its answer.
type Told<E> = Vec<(usize, Result<StoredAnswer, E>)>;

impl<C, W, F> Round<'_, C, W, F>
where
    C: Sync,
    W: Clone + Send + Sync,
{
    /// Answers some of the wishes at the places `open`: all of them, unless a race was lost.
    async fn run<A, E>(&self, open: &[usize], look: bool) -> Result<Told<E>, E>
    where
        A: Serialize + Send,
        E: From<KitError> + From<sqlx::Error> + Send,
        F: for<'t> Fn(&'t C, &'t mut Tx, Vec<W>) -> BoxFuture<'t, Result<Vec<Result<A, E>>, E>> + Send + Sync,
    {
        let (mut told, fresh) = if look { self.look_up(open).await? } else { (Vec::new(), open.to_vec()) };
        // Of several with one key the first is worked; the next round finds its answer for the others.
        let mut chosen: Vec<usize> = Vec::new();
        for place in fresh {
            if !chosen.iter().any(|known| same_key(self.keyed(*known), self.keyed(place))) {
                chosen.push(place);
            }
        }
        if chosen.is_empty() {
            return Ok(told);
        }
        let mut tx = self.database.begin(self.work.name).await?;
        let asked = chosen.iter().map(|place| self.wishes[*place].1.clone()).collect();
        let worked = (self.change)(self.context, &mut tx, asked).await?;
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for (place, answer) in chosen.into_iter().zip(worked) {
            match answer {
                Ok(view) => {
                    let body = serde_json::to_value(view).map_err(KitError::from)?;
                    done.push((place, StoredAnswer { status: self.work.status, body }));
                }
                Err(cause) => refused.push((place, cause)),
            }
        }
        if done.is_empty() {
            tx.rollback().await?;
        } else {
            let answers: Vec<_> = done.iter().map(|(place, answer)| (self.keyed(*place), answer)).collect();
            if store_all(&mut tx, &answers, self.clock.now()).await?.len() < done.len() {
                // A duplicate was first with one of them: all of it once more, and that one is found then.
                tx.rollback().await?;
                return Ok(told);
            }
            match commit(tx).await {
                Ok(()) => told.extend(done.into_iter().map(|(place, answer)| (place, Ok(answer)))),
                Err(cause) => told.extend(self.unknown(&done, cause).await?),
            }
        }
        told.extend(self.look_again(refused).await?);
        Ok(told)
    }

    /// What became of a commit that failed: where the server said so, nothing was done. Without its word only the stored
    /// answers tell.
    async fn unknown<E>(&self, done: &[(usize, StoredAnswer)], cause: sqlx::Error) -> Result<Told<E>, E>
    where
        E: From<KitError> + From<sqlx::Error>,
    {
        if let sqlx::Error::Database(_) = cause {
            return Err(cause.into());
        }
        let places: Vec<_> = done.iter().map(|(place, _answer)| *place).collect();
        let Ok((mut told, missing)) = self.look_up::<E>(&places).await else { return Err(cause.into()) };
        // The server may be at it still: it is unknown, and nothing is done again.
        let mut cause = Some(cause);
        told.extend(missing.into_iter().map(|place| {
            let cause = cause.take().map_or_else(|| KitError::NotDone.into(), E::from);
            (place, Err(cause))
        }));
        Ok(told)
    }

    fn keyed(&self, place: usize) -> &Keyed {
        &self.wishes[place].0
    }

    /// What is answered already, and the places of what is not.
    async fn look_up<E>(&self, open: &[usize]) -> Result<(Told<E>, Vec<usize>), E>
    where
        E: From<KitError> + From<sqlx::Error>,
    {
        let asked: Vec<_> = open.iter().map(|place| self.keyed(*place)).collect();
        let mut connection = self.database.acquire().await?;
        let found = find_all(&mut connection, &asked).await?;
        let (mut told, mut fresh) = (Vec::new(), Vec::new());
        for (place, found) in open.iter().zip(found) {
            match found {
                Ok(Some(answer)) => told.push((*place, Ok(answer))),
                Ok(None) => fresh.push(*place),
                Err(cause) => told.push((*place, Err(cause.into()))),
            }
        }
        Ok((told, fresh))
    }

    /// A refusal stands where there is no answer meanwhile.
    async fn look_again<E>(&self, refused: Vec<(usize, E)>) -> Result<Told<E>, E>
    where
        E: From<KitError> + From<sqlx::Error>,
    {
        if refused.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = refused.iter().map(|(place, _cause)| *place).collect();
        let (mut told, _fresh) = self.look_up(&places).await?;
        for (place, cause) in refused {
            if !told.iter().any(|(known, _answer)| *known == place) {
                told.push((place, Err(cause)));
            }
        }
        Ok(told)
    }
}

/// Nobody is answered before what they are told is stored: a process that dies in between would have lied to all of them.
#[cure(answered_after_commit, instead = crate::labs::mistakes::commit_later)]
async fn commit(tx: Tx) -> Result<(), sqlx::Error> {
    let _committed = tx.commit().await?;
    Ok(())
}

fn same_key(one: &Keyed, other: &Keyed) -> bool {
    (one.owner, one.operation, &one.key) == (other.owner, other.operation, &other.key)
}
