//! A slice on its way through several steps: who is answered at one of them goes no further, and everybody keeps their
//! place.

use crate::{error::Error, state::App};
use service_kit::{
    KitError, each,
    idempotency::{self, Keyed, StoredAnswer},
};

/// How it ended for somebody.
pub(crate) type Settled = Result<StoredAnswer, Error>;

/// The next step of those who are still on the way.
pub(crate) async fn onward<T, U, F>(
    underway: Vec<Result<T, Settled>>,
    next: impl FnOnce(Vec<T>) -> F,
) -> Vec<Result<U, Settled>>
where
    F: Future<Output = Vec<Result<U, Settled>>>,
{
    let (mut going, mut places) = (Vec::with_capacity(underway.len()), Vec::with_capacity(underway.len()));
    for one in underway {
        places.push(match one {
            Ok(one) => {
                going.push(one);
                None
            }
            Err(settled) => Some(settled),
        });
    }
    let mut went = if going.is_empty() { Vec::new() } else { next(going).await }.into_iter();
    let missing = || Err(Err(KitError::NoAnswer.into()));
    places.into_iter().map(|settled| settled.map_or_else(|| went.next().unwrap_or_else(missing), Err)).collect()
}

/// The answer given before under this key, if any.
pub(crate) async fn stored(app: &App, keyed: &Keyed) -> Result<Option<StoredAnswer>, Error> {
    let mut connection = app.kit.database.acquire().await?;
    Ok(idempotency::find(&mut connection, keyed).await?)
}

/// Who goes no further, and why.
pub(crate) type Refused = Box<(Keyed, Error)>;

/// Whose checkout has ended may have been answered before, perhaps by a duplicate that was faster: that answer is this
/// one's, too. All of them are looked up by one statement.
pub(crate) async fn told_before<T>(app: &App, judged: Vec<Result<T, Refused>>) -> Vec<Result<T, Settled>> {
    let refused = judged.iter().filter_map(|judged| judged.as_ref().err());
    let ended = refused.filter(|refused| matches!(refused.1, Error::CheckoutEnded));
    let asked: Vec<&Keyed> = ended.map(|refused| &refused.0).collect();
    let count = asked.len();
    let found = if asked.is_empty() { Ok(Vec::new()) } else { find_all(app, &asked).await };
    let mut found = each(found, count).into_iter();
    let mut settle = |refused: Refused| match refused.1 {
        Error::CheckoutEnded => {
            let found = found.next().unwrap_or(Err(Error::CheckoutEnded));
            found.and_then(|answer| answer.ok_or(Error::CheckoutEnded))
        }
        refusal => Err(refusal),
    };
    judged.into_iter().map(|judged| judged.map_err(&mut settle)).collect()
}

async fn find_all(app: &App, asked: &[&Keyed]) -> Result<Vec<Result<Option<StoredAnswer>, Error>>, Error> {
    let mut connection = app.kit.database.acquire().await?;
    let found = idempotency::find_all(&mut connection, asked).await?;
    Ok(found.into_iter().map(|found| found.map_err(Error::from)).collect())
}
