//! This service's mistakes, one for each cure. Only in builds with the feature `labs`.

use crate::{
    domain::Offer,
    error::Error,
    state::App,
    store::{
        movements::NewMovement,
        stock::{self, Move, OfferRow},
    },
};
use contracts::Event;
use service_kit::{Committed, Tx};
use sqlx::PgConnection;

service_kit::cures! {
    StockLocked: "stock-locked" = "stock is looked at first and taken later",
    CancelGivesBack: "cancel-gives-back" = "a cancelled order keeps its stock",
    PaidCommitsStock: "paid-commits-stock" = "a paid order's reservation is never committed",
    ShippingTakesStock: "shipping-takes-stock" = "what left the warehouse stays on its shelf",
    ExpiryAnnounced: "expiry-announced" = "a reservation expires without a word",
    LevelWithMovement: "level-with-movement" = "stock changes without a movement",
}

/// Between this look and what is taken on it, everybody sees the same last piece. What oversells then is stopped by the
/// table's own check, `stock_never_oversold`, unless that is gone too.
pub(crate) async fn look_first(connection: &mut PgConnection, skus: &[String]) -> Result<Vec<Offer>, Error> {
    let rows = sqlx::query_as!(
        OfferRow,
        r#"SELECT variants.sku, variants.id AS variant_id, products.id AS product_id, products.name,
               prices.amount, prices.currency, stock.on_hand - stock.reserved AS "available!"
           FROM unnest($1::text[]) AS looked (sku)
           JOIN variants ON variants.sku = looked.sku
           JOIN products ON products.id = variants.product_id AND products.status = 'active'
           JOIN prices ON prices.variant_id = variants.id AND prices.is_default
           JOIN stock ON stock.variant_id = variants.id AND stock.location = 'main'"#,
        skus
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Offer::try_from).collect()
}

/// Levels change, and nothing says why.
pub(crate) async fn level_alone(
    connection: &mut PgConnection,
    moves: &[Move],
    _movements: &[NewMovement],
) -> Result<(), sqlx::Error> {
    stock::write_levels(connection, moves).await
}

/// What is heard is taken note of, and nothing is done.
pub(crate) async fn commit_only<T>(_app: App, tx: Tx, _events: Vec<Event<T>>) -> Result<Committed, Error> {
    Ok(tx.commit().await?)
}
