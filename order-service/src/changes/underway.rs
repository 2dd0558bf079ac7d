//! A slice on its way through several steps: who is answered at one of them goes no further, and everybody keeps their
//! place.

use crate::{error::Error, state::App};
use service_kit::{
    KitError,
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
