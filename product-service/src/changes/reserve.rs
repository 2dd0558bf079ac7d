//! Stock is held for checkouts, one after the other on what those before left: all of a checkout's lines or none.

use crate::{
    domain::{Checkout, Decided, Refusal, Shelf},
    error::Error,
    store::{
        reservations,
        stock::{self, Move},
    },
};
use contracts::api::product::Reservation;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use time::OffsetDateTime;
use uuid::Uuid;

/// What many checkouts came to.
pub(crate) struct Reserved {
    /// To each of them, in their order.
    pub(crate) answers: Vec<Result<Reservation, Refusal>>,
    /// Those that were decided here; the others were before.
    pub(crate) news: Vec<Decided>,
}

/// None when somebody else was first with one of the checkouts meanwhile: then roll back and try again, with a fresh look.
pub(crate) async fn reserve(
    connection: &mut PgConnection,
    checkouts: &[Checkout],
    at: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<Option<Reserved>, Error> {
    let mut shelf = load(connection, checkouts).await?;
    let answers = checkouts.iter().map(|checkout| shelf.decide(checkout, expires_at)).collect();
    let news = shelf.news();
    let first = record(connection, &news, at).await?;
    Ok(first.then_some(Reserved { answers, news }))
}

/// The stock first, so that what others decided while its locks were waited for is seen. What was decided before comes
/// before what there is: a repeat gets its answer though the product is archived meanwhile.
async fn load(connection: &mut PgConnection, checkouts: &[Checkout]) -> Result<Shelf, Error> {
    let skus: BTreeSet<&String> = checkouts.iter().flat_map(|checkout| &checkout.lines.skus).collect();
    let skus: Vec<String> = skus.into_iter().cloned().collect();
    let ids: Vec<Uuid> = checkouts.iter().map(|checkout| checkout.checkout_id.uuid()).collect();
    let offers = stock::lock_offers(connection, &skus).await?;
    let decided = reservations::find(connection, &ids).await?;
    Ok(Shelf::of(offers, decided))
}

/// Stores what was decided, with what it takes; a refusal as well, so that every repeat hears the same. False when one of
/// them was decided by somebody else meanwhile.
async fn record(connection: &mut PgConnection, news: &[Decided], at: OffsetDateTime) -> Result<bool, Error> {
    if reservations::insert(connection, news, at).await?.len() < news.len() {
        return Ok(false);
    }
    reservations::insert_lines(connection, news).await?;
    let lines = news.iter().flat_map(|decided| &decided.held);
    let moves = lines.map(|line| Move {
        variant_id: line.variant_id,
        location: stock::MAIN.to_owned(),
        on_hand: 0,
        reserved: line.quantity.get().into(),
    });
    stock::write(connection, &moves.collect::<Vec<_>>(), &[]).await?;
    Ok(true)
}
