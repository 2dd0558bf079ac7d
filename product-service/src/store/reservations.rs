//! Reservations: the all-or-nothing statement, and the answer stored for every repeat.

use crate::{
    Error,
    domain::{Reservation as Status, ReserveLines, Short},
    metrics,
    store::catalogue,
};
use contracts::{
    CheckoutId, Money, OrderId, ProductId, Quantity, VariantId,
    api::product::{Reservation, ReservedLine},
};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct NewReservation<'a> {
    pub(crate) checkout_id: CheckoutId,
    pub(crate) order_id: OrderId,
    pub(crate) lines: &'a ReserveLines,
    pub(crate) at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
}

/// What one try to reserve came to.
pub(crate) enum Tried {
    /// Stock is taken.
    Held(Vec<ReservedLine>),
    /// There was not enough: nothing is taken, and the refusal is what every repeat will hear.
    Refused(Vec<Short>),
    /// Nothing was written: this checkout was decided before, or something in it cannot be sold.
    Nothing {
        not_sold: Vec<String>,
        currencies: Vec<String>,
        /// Together they cost more than an order may.
        too_dear: bool,
    },
}

pub(super) struct TriedRow {
    pub(super) sku: String,
    pub(super) quantity: i32,
    pub(super) status: Option<String>,
    pub(super) variant_id: Option<Uuid>,
    pub(super) product_id: Option<Uuid>,
    pub(super) name: Option<String>,
    pub(super) amount: Option<i64>,
    pub(super) currency: Option<String>,
    pub(super) available: Option<i64>,
}

/// Tries of one request while others change the same stock.
const TRIES: usize = 5;

/// Takes all or nothing. A try that was overtaken is made again, with a fresh look.
///
/// PostgreSQL checks a row's constraints before it notices that the row has changed since the statement began: when
/// pieces came in meanwhile, `stock_never_oversold` refuses what the old row could not hold, though the new one can.
pub(crate) async fn reserve(connection: &mut PgConnection, new: &NewReservation<'_>) -> Result<Tried, Error> {
    for _ in 0..TRIES {
        match try_to_reserve(connection, new).await {
            Err(cause) if super::constraint(&cause) == Some("stock_never_oversold") => metrics::overtaken(),
            rows => return tried(rows?),
        }
    }
    Err(Error::Contended(new.checkout_id))
}

/// One try, in one statement that is its own transaction.
///
/// `UPDATE … FROM` does not lock in sorted order, and a check on the snapshot is overtaken by who holds the lock: so
/// `locked` locks first, in order, and reads what is there after the wait; `verdict` decides on that; `taken` and
/// `noted` write only where `made` says that this try is the first of its checkout and has enough. A refusal is stored
/// as well: the same answer to every repeat.
async fn try_to_reserve(connection: &mut PgConnection, new: &NewReservation<'_>) -> Result<Vec<TriedRow>, sqlx::Error> {
    sqlx::query_as!(
        TriedRow,
        r#"WITH wanted AS (
               SELECT sku, quantity FROM unnest($3::text[], $4::integer[]) AS line (sku, quantity)
           ), sold AS MATERIALIZED (
               SELECT wanted.sku, wanted.quantity, variants.id AS variant_id, products.id AS product_id,
                   products.name, prices.amount, prices.currency
               FROM wanted
               JOIN variants ON variants.sku = wanted.sku
               JOIN products ON products.id = variants.product_id AND products.status = 'active'
               JOIN prices ON prices.variant_id = variants.id AND prices.is_default
           ), locked AS MATERIALIZED (
               SELECT variant_id, on_hand - reserved AS available FROM stock
               WHERE location = 'main' AND variant_id = ANY (ARRAY (SELECT variant_id FROM sold))
               ORDER BY variant_id FOR UPDATE
           ), decided AS MATERIALIZED (
               SELECT sold.*, locked.available FROM sold JOIN locked USING (variant_id)
           ), verdict AS MATERIALIZED (
               SELECT bool_and(available >= quantity) AS enough,
                   jsonb_agg(jsonb_build_object('sku', sku, 'requested', quantity, 'available', available)
                       ORDER BY sku) FILTER (WHERE available < quantity) AS short
               FROM decided HAVING count(*) = cardinality($3::text[]) AND count(DISTINCT currency) = 1
                   AND sum(amount * quantity) <= $7::bigint
           ), made AS (
               INSERT INTO reservations (checkout_id, order_id, status, skus, quantities, short,
                   created_at, changed_at, expires_at, look_at, version)
               SELECT $1, $2, CASE WHEN enough THEN 'held' ELSE 'refused' END, $3, $4, short, $5, $5, $6, $6, 1
               FROM verdict ON CONFLICT (checkout_id) DO NOTHING
               RETURNING status
           ), taken AS (
               UPDATE stock SET reserved = stock.reserved + decided.quantity FROM decided, made
               WHERE made.status = 'held' AND stock.variant_id = decided.variant_id AND stock.location = 'main'
           ), noted AS (
               INSERT INTO reservation_lines
                   (checkout_id, variant_id, product_id, sku, name, quantity, amount, currency)
               SELECT $1, variant_id, product_id, sku, name, quantity, amount, currency FROM decided, made
               WHERE made.status = 'held'
           )
           SELECT wanted.sku AS "sku!", wanted.quantity AS "quantity!", (SELECT status FROM made) AS "status?",
               decided.variant_id AS "variant_id?", decided.product_id AS "product_id?", decided.name AS "name?",
               decided.amount AS "amount?", decided.currency AS "currency?", decided.available AS "available?"
           FROM wanted LEFT JOIN decided USING (sku) ORDER BY wanted.sku"#,
        new.checkout_id.uuid(),
        new.order_id.uuid(),
        &new.lines.skus,
        &new.lines.quantities,
        new.at,
        new.expires_at,
        Money::MOST
    )
    .fetch_all(connection)
    .await
}

pub(super) fn tried(rows: Vec<TriedRow>) -> Result<Tried, Error> {
    match rows.first().and_then(|row| row.status.as_deref()) {
        Some("held") => Ok(Tried::Held(rows.into_iter().filter_map(reserved).collect::<Result<_, _>>()?)),
        Some(_) => Ok(Tried::Refused(rows.into_iter().filter_map(short).collect())),
        None => {
            let mut currencies: Vec<String> = rows.iter().filter_map(|row| row.currency.clone()).collect();
            currencies.sort();
            currencies.dedup();
            let too_dear = rows.iter().map(price).sum::<i128>() > i128::from(Money::MOST);
            let not_sold = rows.into_iter().filter(|row| row.variant_id.is_none()).map(|row| row.sku).collect();
            Ok(Tried::Nothing { not_sold, currencies, too_dear })
        }
    }
}

/// Of all pieces of a line.
fn price(row: &TriedRow) -> i128 {
    i128::from(row.amount.unwrap_or_default()) * i128::from(row.quantity)
}

fn reserved(row: TriedRow) -> Option<Result<ReservedLine, Error>> {
    let (variant_id, product_id, name) = (row.variant_id?, row.product_id?, row.name?);
    Some(line(variant_id, product_id, row.sku, name, row.quantity, row.amount?, &row.currency?))
}

fn short(row: TriedRow) -> Option<Short> {
    let (requested, available) = (i64::from(row.quantity), row.available?);
    (available < requested).then_some(Short { sku: row.sku, requested, available })
}

fn line(
    variant_id: Uuid,
    product_id: Uuid,
    sku: String,
    name: String,
    quantity: i32,
    amount: i64,
    currency: &str,
) -> Result<ReservedLine, Error> {
    let stored = || Error::Stored { what: "a reserved quantity", value: quantity.to_string() };
    Ok(ReservedLine {
        product_id: ProductId::from(product_id),
        variant_id: VariantId::from(variant_id),
        sku,
        name,
        quantity: Quantity::try_from(i64::from(quantity)).map_err(|_| stored())?,
        unit_price: Money::new(amount, catalogue::currency(currency)?),
    })
}

/// A checkout as it was decided before.
pub(crate) struct Decided {
    pub(crate) status: Status,
    /// None for a tombstone, which knows no lines.
    pub(crate) lines: Option<ReserveLines>,
    pub(crate) short: Vec<Short>,
    /// The answer of the first time; without lines when nothing was taken.
    pub(crate) answer: Reservation,
}

/// A statement of its own: the one that met the conflict could not see the row it met.
pub(crate) async fn find(connection: &mut PgConnection, checkout_id: CheckoutId) -> Result<Option<Decided>, Error> {
    let row = sqlx::query!(
        r#"SELECT order_id, status, skus, quantities, short AS "short: Json<Vec<Short>>", expires_at
           FROM reservations WHERE checkout_id = $1"#,
        checkout_id.uuid()
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let lines = sqlx::query!(
        "SELECT variant_id, product_id, sku, name, quantity, amount, currency FROM reservation_lines
         WHERE checkout_id = $1 ORDER BY sku",
        checkout_id.uuid()
    )
    .fetch_all(connection)
    .await?;
    let lines = lines
        .into_iter()
        .map(|row| line(row.variant_id, row.product_id, row.sku, row.name, row.quantity, row.amount, &row.currency));
    let answer = Reservation {
        checkout_id,
        order_id: row.order_id.into(),
        lines: lines.collect::<Result<_, _>>()?,
        expires_at: row.expires_at,
    };
    let lines = ReserveLines { skus: row.skus, quantities: row.quantities };
    Ok(Some(Decided {
        status: status(&row.status)?,
        lines: Some(lines).filter(|lines| !lines.skus.is_empty()),
        short: row.short.map(|Json(short)| short).unwrap_or_default(),
        answer,
    }))
}

pub(crate) fn status(text: &str) -> Result<Status, Error> {
    Status::parse(text).ok_or_else(|| Error::Stored { what: "a reservation's status", value: text.to_owned() })
}

/// A held reservation whose time has passed.
pub(crate) struct Due {
    pub(crate) checkout_id: CheckoutId,
    pub(crate) order_id: OrderId,
}

/// Takes reservations that are due for a look; until `next_look` no other instance takes them.
pub(crate) async fn take_due(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    next_look: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    let rows = sqlx::query!(
        "UPDATE reservations SET look_at = $2
         WHERE checkout_id IN (
             SELECT checkout_id FROM reservations WHERE status = 'held' AND look_at <= $1
             ORDER BY look_at LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING checkout_id, order_id",
        now,
        next_look,
        limit
    )
    .fetch_all(connection)
    .await?;
    let due = |checkout_id: Uuid, order_id: Uuid| Due { checkout_id: checkout_id.into(), order_id: order_id.into() };
    Ok(rows.into_iter().map(|row| due(row.checkout_id, row.order_id)).collect())
}

/// What holds stock for orders that are not paid yet.
pub(crate) struct Held {
    /// Up to 10,000: a large backlog costs the look at it no more than a middling one.
    pub(crate) count: i64,
    pub(crate) first_to_expire: Option<OffsetDateTime>,
}

/// For the metrics: by the index of what is due for a look.
pub(crate) async fn held(connection: &mut PgConnection) -> Result<Held, sqlx::Error> {
    sqlx::query_as!(
        Held,
        r#"SELECT count(*) AS "count!", min(expires_at) AS first_to_expire
           FROM (SELECT expires_at FROM reservations WHERE status = 'held' ORDER BY look_at LIMIT 10000) AS held"#
    )
    .fetch_one(connection)
    .await
}
