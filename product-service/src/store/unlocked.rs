//! A reservation that looks first and writes later: the mistake that the cure `stock-locked` keeps away. Between the two
//! everybody sees the same last piece. It is reached only in builds with the feature `labs`; what oversells then is
//! stopped by the table's own check, `stock_never_oversold`, unless that is gone too.

use super::reservations::{NewReservation, Tried, TriedRow, tried};
use crate::Error;
use sqlx::PgConnection;

pub(crate) async fn reserve(connection: &mut PgConnection, new: &NewReservation<'_>) -> Result<Tried, Error> {
    let mut rows = sqlx::query_as!(
        TriedRow,
        r#"SELECT line.sku AS "sku!", line.quantity AS "quantity!", NULL::text AS status,
               variants.id AS "variant_id?", products.id AS "product_id?", products.name AS "name?",
               prices.amount AS "amount?", prices.currency AS "currency?", stock.on_hand - stock.reserved AS available
           FROM unnest($1::text[], $2::integer[]) AS line (sku, quantity)
           LEFT JOIN variants ON variants.sku = line.sku
           LEFT JOIN products ON products.id = variants.product_id AND products.status = 'active'
           LEFT JOIN prices ON prices.variant_id = variants.id AND prices.is_default
           LEFT JOIN stock ON stock.variant_id = variants.id AND stock.location = 'main'
           ORDER BY line.sku"#,
        &new.lines.skus,
        &new.lines.quantities
    )
    .fetch_all(&mut *connection)
    .await?;
    if rows.iter().any(|row| row.available.is_none()) {
        return tried(rows);
    }
    let enough = rows.iter().all(|row| row.available >= Some(i64::from(row.quantity)));
    if enough {
        take(connection, new).await?;
    }
    for row in &mut rows {
        row.status = Some(if enough { "held" } else { "refused" }.to_owned());
    }
    tried(rows)
}

async fn take(connection: &mut PgConnection, new: &NewReservation<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "WITH made AS (
             INSERT INTO reservations
                 (checkout_id, order_id, status, skus, quantities, created_at, changed_at, expires_at, look_at, version)
             VALUES ($1, $2, 'held', $3, $4, $5, $5, $6, $6, 1)
         ), sold AS (
             SELECT variants.id AS variant_id, products.id AS product_id, line.sku, products.name, line.quantity,
                 prices.amount, prices.currency
             FROM unnest($3::text[], $4::integer[]) AS line (sku, quantity)
             JOIN variants ON variants.sku = line.sku
             JOIN products ON products.id = variants.product_id
             JOIN prices ON prices.variant_id = variants.id AND prices.is_default
         ), noted AS (
             INSERT INTO reservation_lines
                 (checkout_id, variant_id, product_id, sku, name, quantity, amount, currency)
             SELECT $1, variant_id, product_id, sku, name, quantity, amount, currency FROM sold
         )
         UPDATE stock SET reserved = stock.reserved + sold.quantity FROM sold
         WHERE stock.variant_id = sold.variant_id AND stock.location = 'main'",
        new.checkout_id.uuid(),
        new.order_id.uuid(),
        &new.lines.skus,
        &new.lines.quantities,
        new.at,
        new.expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}
