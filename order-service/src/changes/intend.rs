//! What customers are about to hold is counted before anything is held.

use super::underway::{Refused, Settled, told_before};
use crate::{
    domain::{Begun, Intent, Wish},
    error::Error,
    state::App,
    store::intents,
};
use service_kit::each;

/// Counts the wishes whose customers may hold as much, by one statement. Who was answered before under their key is
/// answered so again: their checkouts are decided.
pub(crate) async fn begin(app: &App, wishes: Vec<Wish>) -> Vec<Result<Wish, Settled>> {
    let asked = wishes.len();
    let begun = begin_all(app, wishes).await;
    begun.unwrap_or_else(|cause| each(Err(cause), asked).into_iter().map(|wish| wish.map_err(Err)).collect())
}

async fn begin_all(app: &App, wishes: Vec<Wish>) -> Result<Vec<Result<Wish, Settled>>, Error> {
    let intents: Vec<Intent> = wishes.iter().map(|wish| wish.intent).collect();
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.acquire().await?;
    let begun = intents::begin(&mut connection, &intents, app.limits, now, now - app.reservation_ttl).await?;
    drop(connection);
    let judged = wishes.into_iter().zip(begun).map(|(wish, begun)| judge(app, wish, begun)).collect();
    Ok(told_before(app, judged).await)
}

fn judge(app: &App, wish: Wish, begun: Begun) -> Result<Wish, Refused> {
    let refusal = match begun {
        Begun::Counted => return Ok(wish),
        // An order is stored, or the reservation of an earlier try has expired.
        Begun::Decided => Error::CheckoutEnded,
        Begun::TooMuch { orders, .. } if orders >= app.limits.orders => Error::TooManyOpenOrders { open: orders },
        Begun::TooMuch { pieces, .. } => Error::TooManyOpenPieces { open: pieces, most: app.limits.pieces },
    };
    Err(Box::new((wish.keyed, refusal)))
}

/// Nothing is held for them any more: then they do not count. Whoever was refused is refused, also where the intent has to
/// wait for its end.
pub(crate) async fn forgo(app: &App, intents: &[Intent]) {
    if intents.is_empty() {
        return;
    }
    let ended = async { intents::end(&mut *app.kit.database.acquire().await?, intents).await };
    if let Err(cause) = ended.await {
        tracing::warn!(checkouts = intents.len(), %cause, "refused checkouts count until their time is over");
    }
}
