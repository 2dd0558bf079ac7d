//! Stock is held for checkouts, one after the other on what those before left: all of a checkout's lines or none.

use crate::{
    domain::{Checkout, Decided, Refusal, Shelf},
    error::Error,
    store::{reservations, stock},
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
    // A refusal is stored as well, so that every repeat hears the same.
    let first = reservations::hold(connection, &news, at).await?;
    Ok((first.len() == news.len()).then_some(Reserved { answers, news }))
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
