//! For doors whose `Idempotency-Key` may be left out.

use crate::{error::Error, slice, state::App};
use serde::Serialize;
use service_kit::{
    KitError, Tx,
    idempotency::{self, Keyed, StoredAnswer, Work},
};
use std::pin::Pin;

/// What a change says to each wish of its slice, once it is done.
pub(crate) type Changing<'t, A> = Pin<Box<dyn Future<Output = Result<Vec<Result<A, Error>>, Error>> + Send + 't>>;

/// Those with a key are done once, the others in a transaction of their own. Answers each, in their order.
pub(crate) async fn once_where_keyed<C, W, A, F>(
    app: &App,
    context: &C,
    work: Work,
    wishes: Vec<(Option<Keyed>, W)>,
    change: F,
) -> Vec<Result<StoredAnswer, Error>>
where
    C: Sync,
    W: Clone + Send + Sync,
    A: Serialize + Send,
    F: for<'t> Fn(&'t C, &'t mut Tx, Vec<W>) -> Changing<'t, A> + Send + Sync,
{
    let mut places = Vec::with_capacity(wishes.len());
    let (mut keyed, mut free) = (Vec::new(), Vec::new());
    for (key, wish) in wishes {
        places.push(key.is_some());
        match key {
            Some(key) => keyed.push((key, wish)),
            None => free.push(wish),
        }
    }
    let length = free.len();
    let done = slice::told(at_once(app, context, work, free, &change).await, length);
    let database = &app.kit.database;
    let once = idempotency::once(database, &app.kit.clock, context, work, keyed, change).await;
    let (mut done, mut once) = (done.into_iter(), once.into_iter());
    let answers = places.into_iter().map(|is_keyed| if is_keyed { once.next() } else { done.next() });
    answers.map(|answer| answer.unwrap_or_else(|| Err(KitError::NoAnswer.into()))).collect()
}

async fn at_once<C, W, A, F>(
    app: &App,
    context: &C,
    work: Work,
    wishes: Vec<W>,
    change: &F,
) -> Result<Vec<Result<StoredAnswer, Error>>, Error>
where
    A: Serialize,
    F: for<'t> Fn(&'t C, &'t mut Tx, Vec<W>) -> Changing<'t, A>,
{
    if wishes.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = app.kit.database.begin(work.name).await?;
    let answers = change(context, &mut tx, wishes).await?;
    let stored = |answer: Result<A, Error>| {
        let body = serde_json::to_value(answer?).map_err(KitError::from)?;
        Ok(StoredAnswer { status: work.status, body })
    };
    let answers: Vec<Result<StoredAnswer, Error>> = answers.into_iter().map(stored).collect();
    if answers.iter().any(Result::is_ok) {
        let _committed = tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(answers)
}
