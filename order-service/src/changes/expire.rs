//! Whether the reservations of checkouts may expire.

use crate::{
    error::Error,
    store::{checkouts, orders},
};
use contracts::{CheckoutId, api::order::OrderStatus};
use sqlx::PgConnection;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LetGo {
    /// From now on: no order was stored, and none will be.
    Now,
    /// It had expired, or its order was cancelled.
    Before,
    /// A live order holds it.
    Never,
}

/// Makes sure that no live order holds the checkouts and none ever will, unless one does; in the order of `ids`.
pub(crate) async fn let_go(connection: &mut PgConnection, ids: &[CheckoutId]) -> Result<Vec<LetGo>, Error> {
    let free = checkouts::expire(connection, ids).await?;
    let taken: Vec<CheckoutId> = ids.iter().copied().filter(|id| !free.contains(id)).collect();
    let standing =
        if taken.is_empty() { Default::default() } else { orders::status_of_checkouts(connection, &taken).await? };
    let let_go = ids.iter().map(|id| match standing.get(id) {
        _ if free.contains(id) => LetGo::Now,
        None | Some(OrderStatus::Cancelled) => LetGo::Before,
        Some(_) => LetGo::Never,
    });
    Ok(let_go.collect())
}
