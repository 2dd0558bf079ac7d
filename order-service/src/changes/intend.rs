//! What customers are about to hold is counted before anything is held.

use super::underway::Settled;
use crate::{
    domain::{Begun, Intent, NewOrder, checkout_id},
    error::Error,
    state::App,
    store::intents,
};
use contracts::AccountId;
use service_kit::{
    Cause, each,
    idempotency::{self, Keyed},
};
use sqlx::PgConnection;

/// Somebody wants to order something.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) keyed: Keyed,
    pub(crate) intent: Intent,
    pub(crate) new: NewOrder,
    pub(crate) cause: Cause,
}

impl Wish {
    pub(crate) fn new(customer_id: AccountId, keyed: Keyed, new: NewOrder) -> Self {
        let checkout_id = checkout_id(customer_id, keyed.key.as_str());
        let intent = Intent { customer_id, checkout_id, pieces: new.pieces() };
        Self { keyed, intent, new, cause: Cause::current() }
    }
}

/// Counts the wishes whose customers may hold as much. Who was answered before under their key is answered so again.
pub(crate) async fn begin(app: &App, wishes: Vec<Wish>) -> Vec<Result<Wish, Settled>> {
    let asked = wishes.len();
    let begun = begin_all(app, wishes).await;
    begun.unwrap_or_else(|cause| each(Err(cause), asked).into_iter().map(|wish| wish.map_err(Err)).collect())
}

async fn begin_all(app: &App, wishes: Vec<Wish>) -> Result<Vec<Result<Wish, Settled>>, Error> {
    let mut connection = app.kit.database.acquire().await?;
    let mut looked_up = Vec::with_capacity(wishes.len());
    for wish in wishes {
        looked_up.push(match idempotency::find(&mut connection, &wish.keyed).await {
            Ok(None) => Ok(wish),
            Ok(Some(answer)) => Err(Ok(answer)),
            Err(cause) => Err(Err(cause.into())),
        });
    }
    let fresh: Vec<Intent> = looked_up.iter().flatten().map(|wish| wish.intent).collect();
    if fresh.is_empty() {
        return Ok(looked_up);
    }
    let now = app.kit.clock.now();
    let begun = intents::begin(&mut connection, &fresh, app.limits, now, now - app.reservation_ttl).await?;
    let (mut begun, mut counted) = (begun.into_iter(), Vec::with_capacity(looked_up.len()));
    for wish in looked_up {
        counted.push(match wish {
            Ok(wish) => judge(app, &mut connection, wish, begun.next()).await,
            Err(settled) => Err(settled),
        });
    }
    Ok(counted)
}

async fn judge(app: &App, connection: &mut PgConnection, wish: Wish, begun: Option<Begun>) -> Result<Wish, Settled> {
    let refusal = match begun {
        Some(Begun::Counted) => return Ok(wish),
        // A duplicate stored its order between the two looks, or the reservation of an earlier try has expired.
        Some(Begun::Decided) | None => {
            let answer = idempotency::find(connection, &wish.keyed).await;
            return Err(answer.map_err(Error::from).and_then(|answer| answer.ok_or(Error::CheckoutEnded)));
        }
        Some(Begun::TooMuch { orders, .. }) if orders >= app.limits.orders => Error::TooManyOpenOrders { open: orders },
        Some(Begun::TooMuch { pieces, .. }) => Error::TooManyOpenPieces { open: pieces, most: app.limits.pieces },
    };
    Err(Err(refusal))
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
