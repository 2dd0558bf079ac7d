//! The stock of wishes is held before anything is stored.

use crate::{
    changes::{
        intend,
        place::Held,
        underway::{Settled, told_before},
    },
    domain::{Intent, Wish},
    products,
    state::App,
};
use contracts::api::product::ReserveRequest;
use service_kit::idempotency::Keyed;

/// A wish with its stock, under its key.
pub(super) type HeldUnderKey = (Keyed, Held);

/// The wishes whose stock is held, each with its reservation. A refused one counts no longer.
pub(super) async fn hold(app: &App, wishes: Vec<Wish>) -> Vec<Result<HeldUnderKey, Settled>> {
    let request = |wish: &Wish| ReserveRequest {
        checkout_id: wish.intent.checkout_id,
        order_id: app.kit.clock.new_id(),
        lines: wish.new.lines.clone(),
        prices: wish.new.agreed.as_ref().map(|agreed| agreed.prices.clone()).unwrap_or_default(),
    };
    let requests: Vec<ReserveRequest> = wishes.iter().map(request).collect();
    let answers = products::reserve(&app.kit.peers, &requests).await;
    let refused = |answer: &Result<_, products::NotHeld>| answer.as_ref().is_err_and(|not_held| not_held.for_certain);
    let without: Vec<Intent> =
        wishes.iter().zip(&answers).filter(|(_, answer)| refused(answer)).map(|(wish, _)| wish.intent).collect();
    intend::forgo(app, &without).await;
    let judged = wishes.into_iter().zip(answers).map(|(wish, answer)| match answer {
        Ok(reservation) => {
            let Wish { keyed, intent, new, cause } = wish;
            Ok((keyed, Held { intent, new, reservation, cause }))
        }
        Err(not_held) => Err(Box::new((wish.keyed, not_held.why))),
    });
    told_before(app, judged.collect()).await
}
