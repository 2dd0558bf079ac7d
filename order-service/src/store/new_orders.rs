//! Orders as they are stored for the first time.

use contracts::{AccountId, CheckoutId, Money, OrderId, api::product::ReservedLine};
use serde_json::Value;
use service_kit::cure;
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct NewRow {
    pub(crate) id: OrderId,
    pub(crate) customer_id: AccountId,
    pub(crate) checkout_id: CheckoutId,
    pub(crate) payment_method: String,
    pub(crate) total: Money,
    pub(crate) shipping_address: Value,
    pub(crate) deadline: OffsetDateTime,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) lines: Vec<ReservedLine>,
}

/// The columns of `order_lines`.
#[derive(Default)]
struct Columns {
    order_ids: Vec<Uuid>,
    positions: Vec<i32>,
    product_ids: Vec<Uuid>,
    variant_ids: Vec<Uuid>,
    skus: Vec<String>,
    names: Vec<String>,
    quantities: Vec<i32>,
    unit_prices: Vec<i64>,
}

/// Claims the checkouts of orders and stores those whose checkout was free, with their lines, in the place of their
/// customers' intents: all by one statement. Gives the numbers they got; for the others an order was stored or the
/// reservation expired before, and nothing is written. Waits for the other side's transaction when both come at once. What a
/// guest orders who has joined an account by now is the account's.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    orders: &[NewRow],
) -> Result<HashMap<OrderId, i64>, sqlx::Error> {
    let ids: Vec<Uuid> = orders.iter().map(|order| order.id.uuid()).collect();
    let customers: Vec<Uuid> = orders.iter().map(|order| order.customer_id.uuid()).collect();
    let checkouts: Vec<Uuid> = orders.iter().map(|order| order.checkout_id.uuid()).collect();
    let methods: Vec<&str> = orders.iter().map(|order| order.payment_method.as_str()).collect();
    let currencies: Vec<&str> = orders.iter().map(|order| order.total.currency.code()).collect();
    let totals: Vec<i64> = orders.iter().map(|order| order.total.amount).collect();
    let addresses: Vec<Value> = orders.iter().map(|order| order.shipping_address.clone()).collect();
    let deadlines: Vec<OffsetDateTime> = orders.iter().map(|order| order.deadline).collect();
    let times: Vec<OffsetDateTime> = orders.iter().map(|order| order.created_at).collect();
    let mut lines = Columns::default();
    for order in orders {
        columns(&mut lines, order.id, &order.lines);
    }
    let placed = sqlx::query!(
        // Intents are locked in the order in which they are begun, so that those who begin and those who end never wait
        // for each other.
        r#"WITH claimed AS (
               INSERT INTO checkouts (checkout_id, outcome)
               SELECT checkout_id, 'ordered' FROM unnest($3::uuid[]) AS wanted (checkout_id) ORDER BY checkout_id
               ON CONFLICT DO NOTHING RETURNING checkout_id
           ), replaced AS (
               SELECT customer_id, checkout_id
               FROM unnest($2::uuid[], $3::uuid[]) AS wanted (customer_id, checkout_id)
               JOIN checkout_intents AS intent USING (customer_id, checkout_id)
               WHERE checkout_id IN (SELECT checkout_id FROM claimed)
               ORDER BY hashtext(customer_id::text), checkout_id FOR UPDATE OF intent
           ), ended AS (
               DELETE FROM checkout_intents AS intent USING replaced
               WHERE intent.customer_id = replaced.customer_id AND intent.checkout_id = replaced.checkout_id
           ), placed AS (
               INSERT INTO orders (id, customer_id, checkout_id, status, payment_method, currency, total,
                   shipping_address, deadline, created_at, updated_at, version)
               SELECT id,
                   coalesce((SELECT account_id FROM guests_joined WHERE guest_id = new.customer_id), customer_id),
                   checkout_id, 'pending', payment_method, currency, total, shipping_address,
                   deadline, created_at, created_at, 1
               FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::jsonb[],
                       $8::timestamptz[], $9::timestamptz[]) WITH ORDINALITY
                   AS new (id, customer_id, checkout_id, payment_method, currency, total, shipping_address, deadline,
                           created_at, place)
               WHERE checkout_id IN (SELECT checkout_id FROM claimed)
               ORDER BY place
               RETURNING id, number
           ), lines AS (
               INSERT INTO order_lines (order_id, position, product_id, variant_id, sku, name, quantity, unit_price)
               SELECT order_id, position, product_id, variant_id, sku, name, quantity, unit_price
               FROM unnest($10::uuid[], $11::int[], $12::uuid[], $13::uuid[], $14::text[], $15::text[], $16::int[],
                       $17::bigint[])
                   AS line (order_id, position, product_id, variant_id, sku, name, quantity, unit_price)
               WHERE order_id IN (SELECT id FROM placed)
           )
           SELECT id AS "id!", number AS "number!" FROM placed"#,
        &ids,
        &customers,
        &checkouts,
        &methods as &[&str],
        &currencies as &[&str],
        &totals,
        &addresses,
        &deadlines,
        &times,
        &lines.order_ids,
        &lines.positions,
        &lines.product_ids,
        &lines.variant_ids,
        &lines.skus,
        &lines.names,
        &lines.quantities,
        &lines.unit_prices
    )
    .fetch_all(connection)
    .await?;
    Ok(placed.into_iter().map(|row| (row.id.into(), row.number)).collect())
}

/// Adds the lines of one order, at the prices they were reserved for.
#[cure(lines_as_reserved, spoil = crate::labs::only_the_first)]
fn columns(columns: &mut Columns, order_id: OrderId, lines: &[ReservedLine]) {
    for (line, position) in lines.iter().zip(1..) {
        columns.order_ids.push(order_id.uuid());
        columns.positions.push(position);
        columns.product_ids.push(line.product_id.uuid());
        columns.variant_ids.push(line.variant_id.uuid());
        columns.skus.push(line.sku.clone());
        columns.names.push(line.name.clone());
        columns.quantities.push(line.quantity.get());
        columns.unit_prices.push(line.unit_price.amount);
    }
}

/// Gives an order back the number it had.
pub(crate) async fn renumber(connection: &mut PgConnection, id: OrderId, number: i64) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE orders SET number = $2 WHERE id = $1", id.uuid(), number).execute(connection).await?;
    Ok(())
}
