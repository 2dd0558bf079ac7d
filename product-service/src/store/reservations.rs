//! Reservations: what was decided about each checkout, once, with the answer to every repeat.

use crate::{
    domain::{Booked, Decided, Reservation as Status, ReserveLines, Short},
    error::Error,
    store::catalogue,
};
use contracts::{CheckoutId, Money, OrderId, Quantity, api::product::ReservedLine};
use sqlx::{PgConnection, types::Json};
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

/// What was decided about these checkouts before.
pub(crate) async fn find(connection: &mut PgConnection, checkouts: &[Uuid]) -> Result<Vec<Decided>, Error> {
    let rows = sqlx::query!(
        r#"SELECT checkout_id, order_id, status, skus, quantities, short AS "short: Json<Vec<Short>>", expires_at
           FROM reservations WHERE checkout_id = ANY ($1)"#,
        checkouts
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut held = if rows.is_empty() { BTreeMap::new() } else { lines(connection, checkouts).await? };
    let decided = rows.into_iter().map(|row| {
        let quantities = row.quantities.into_iter().map(quantity).collect::<Result<_, _>>()?;
        let lines = ReserveLines { skus: row.skus, quantities };
        Ok(Decided {
            checkout_id: row.checkout_id.into(),
            order_id: row.order_id.into(),
            status: status(&row.status)?,
            lines: Some(lines).filter(|lines| !lines.skus.is_empty()),
            held: held.remove(&row.checkout_id).unwrap_or_default(),
            short: row.short.map(|Json(short)| short).unwrap_or_default(),
            expires_at: row.expires_at,
        })
    });
    decided.collect()
}

/// What each checkout took, by SKU.
async fn lines(connection: &mut PgConnection, checkouts: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<ReservedLine>>, Error> {
    let rows = sqlx::query!(
        "SELECT checkout_id, variant_id, product_id, sku, name, quantity, amount, currency FROM reservation_lines
         WHERE checkout_id = ANY ($1)",
        checkouts
    )
    .fetch_all(connection)
    .await?;
    let mut held = BTreeMap::<Uuid, Vec<ReservedLine>>::new();
    for row in rows {
        held.entry(row.checkout_id).or_default().push(ReservedLine {
            product_id: row.product_id.into(),
            variant_id: row.variant_id.into(),
            sku: row.sku,
            name: row.name,
            quantity: quantity(row.quantity)?,
            unit_price: Money::new(row.amount, catalogue::currency(&row.currency)?),
        });
    }
    for lines in held.values_mut() {
        lines.sort_by(|one, other| one.sku.cmp(&other.sku));
    }
    Ok(held)
}

fn quantity(stored: i32) -> Result<Quantity, Error> {
    let unreadable = |_| Error::Stored { what: "a reserved quantity", value: stored.to_string() };
    Quantity::try_from(i64::from(stored)).map_err(unreadable)
}

fn status(text: &str) -> Result<Status, Error> {
    Status::parse(text).ok_or_else(|| Error::Stored { what: "a reservation's status", value: text.to_owned() })
}

/// Stores what was decided, in the order of the checkouts, and tells of which it is the first word. Waits for whoever is
/// at one of them: where one is missing, that one was first.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    decided: &[Decided],
    at: OffsetDateTime,
) -> Result<BTreeSet<CheckoutId>, sqlx::Error> {
    if decided.is_empty() {
        return Ok(BTreeSet::new());
    }
    let Columns { checkouts, orders, statuses, skus, quantities, shorts, ends } = Columns::of(decided);
    let first = sqlx::query_scalar!(
        "INSERT INTO reservations (checkout_id, order_id, status, skus, quantities, short,
             created_at, changed_at, expires_at, look_at, version)
         SELECT checkout_id, order_id, status, skus::text[], quantities::integer[], short, $8, $8, ends, ends, 1
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[])
             AS decided (checkout_id, order_id, status, skus, quantities, short, ends)
         ORDER BY checkout_id ON CONFLICT (checkout_id) DO NOTHING RETURNING checkout_id",
        &checkouts,
        &orders,
        &statuses as &[&str],
        &skus,
        &quantities,
        &shorts as &[Option<Json<Vec<Short>>>],
        &ends,
        at
    )
    .fetch_all(connection)
    .await?;
    Ok(first.into_iter().map(CheckoutId::from).collect())
}

/// The columns of `reservations` that differ.
struct Columns {
    checkouts: Vec<Uuid>,
    orders: Vec<Uuid>,
    statuses: Vec<&'static str>,
    skus: Vec<String>,
    quantities: Vec<String>,
    shorts: Vec<Option<Json<Vec<Short>>>>,
    ends: Vec<OffsetDateTime>,
}

impl Columns {
    fn of(decided: &[Decided]) -> Self {
        let asked = |text: fn(&ReserveLines) -> String| {
            decided.iter().map(|one| one.lines.as_ref().map_or_else(|| "{}".to_owned(), text)).collect::<Vec<_>>()
        };
        let short = |one: &Decided| (one.status == Status::Refused).then(|| Json(one.short.clone()));
        Self {
            checkouts: decided.iter().map(|one| one.checkout_id.uuid()).collect(),
            orders: decided.iter().map(|one| one.order_id.uuid()).collect(),
            statuses: decided.iter().map(|one| one.status.as_str()).collect(),
            skus: asked(skus),
            quantities: asked(quantities),
            shorts: decided.iter().map(short).collect(),
            ends: decided.iter().map(|one| one.expires_at).collect(),
        }
    }
}

/// As an array's text: an array of arrays cannot be sent. A SKU has nothing that would have to be escaped.
fn skus(lines: &ReserveLines) -> String {
    let skus: Vec<String> = lines.skus.iter().map(|sku| format!("\"{sku}\"")).collect();
    format!("{{{}}}", skus.join(","))
}

fn quantities(lines: &ReserveLines) -> String {
    let quantities: Vec<String> = lines.quantities.iter().map(|quantity| quantity.get().to_string()).collect();
    format!("{{{}}}", quantities.join(","))
}

/// [`insert`] with what each of them took, and that much less of the stock, whose locks the caller holds: by one statement.
/// Who was not first takes nothing.
pub(crate) async fn hold(
    connection: &mut PgConnection,
    decided: &[Decided],
    at: OffsetDateTime,
) -> Result<BTreeSet<CheckoutId>, sqlx::Error> {
    if decided.is_empty() {
        return Ok(BTreeSet::new());
    }
    let Columns { checkouts, orders, statuses, skus, quantities, shorts, ends } = Columns::of(decided);
    let held: Vec<(Uuid, &ReservedLine)> =
        decided.iter().flat_map(|one| one.held.iter().map(|line| (one.checkout_id.uuid(), line))).collect();
    let text = |value: fn(&ReservedLine) -> &str| held.iter().map(|(_, line)| value(line)).collect::<Vec<&str>>();
    let holders: Vec<Uuid> = held.iter().map(|(checkout, _)| *checkout).collect();
    let variants: Vec<Uuid> = held.iter().map(|(_, line)| line.variant_id.uuid()).collect();
    let products: Vec<Uuid> = held.iter().map(|(_, line)| line.product_id.uuid()).collect();
    let pieces: Vec<i32> = held.iter().map(|(_, line)| line.quantity.get()).collect();
    let amounts: Vec<i64> = held.iter().map(|(_, line)| line.unit_price.amount).collect();
    let first = sqlx::query_scalar!(
        r#"WITH first AS (
               INSERT INTO reservations (checkout_id, order_id, status, skus, quantities, short,
                   created_at, changed_at, expires_at, look_at, version)
               SELECT checkout_id, order_id, status, skus::text[], quantities::integer[], short, $8, $8, ends, ends, 1
               FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[])
                   AS decided (checkout_id, order_id, status, skus, quantities, short, ends)
               ORDER BY checkout_id ON CONFLICT (checkout_id) DO NOTHING RETURNING checkout_id
           ), lines AS (
               INSERT INTO reservation_lines
                   (checkout_id, variant_id, product_id, sku, name, quantity, amount, currency)
               SELECT * FROM unnest($9::uuid[], $10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::integer[],
                                    $15::bigint[], $16::text[])
                   AS line (checkout_id, variant_id, product_id, sku, name, quantity, amount, currency)
               WHERE checkout_id IN (SELECT checkout_id FROM first)
               RETURNING variant_id, location, quantity
           ), taken AS (
               UPDATE stock SET reserved = reserved + taken.pieces
               FROM (SELECT variant_id, location, sum(quantity) AS pieces FROM lines GROUP BY variant_id, location)
                   AS taken
               WHERE stock.variant_id = taken.variant_id AND stock.location = taken.location
           )
           SELECT checkout_id AS "checkout_id!" FROM first"#,
        &checkouts,
        &orders,
        &statuses as &[&str],
        &skus,
        &quantities,
        &shorts as &[Option<Json<Vec<Short>>>],
        &ends,
        at,
        &holders,
        &variants,
        &products,
        &text(|line| &line.sku) as &[&str],
        &text(|line| &line.name) as &[&str],
        &pieces,
        &amounts,
        &text(|line| line.unit_price.currency.code()) as &[&str]
    )
    .fetch_all(connection)
    .await?;
    Ok(first.into_iter().map(CheckoutId::from).collect())
}

/// Takes the locks of those that there are, in one order. Only for who holds the locks of their stock, where it touches
/// stock.
pub(crate) async fn lock(connection: &mut PgConnection, checkouts: &[Uuid]) -> Result<Vec<Booked>, Error> {
    let rows = sqlx::query!(
        "SELECT checkout_id, order_id, status, version FROM reservations WHERE checkout_id = ANY ($1)
         ORDER BY checkout_id FOR UPDATE",
        checkouts
    )
    .fetch_all(connection)
    .await?;
    let booked = rows.into_iter().map(|row| {
        Ok(Booked {
            checkout_id: row.checkout_id.into(),
            order_id: row.order_id.into(),
            status: status(&row.status)?,
            version: row.version,
        })
    });
    booked.collect()
}

/// Writes reservations down as they are now. Only for who holds their locks; each once.
pub(crate) async fn update(
    connection: &mut PgConnection,
    reservations: &[&Booked],
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    if reservations.is_empty() {
        return Ok(());
    }
    let checkouts: Vec<Uuid> = reservations.iter().map(|booked| booked.checkout_id.uuid()).collect();
    let statuses: Vec<&str> = reservations.iter().map(|booked| booked.status.as_str()).collect();
    let versions: Vec<i64> = reservations.iter().map(|booked| booked.version).collect();
    sqlx::query!(
        "UPDATE reservations SET status = new.status, version = new.version, changed_at = $4
         FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS new (checkout_id, status, version)
         WHERE reservations.checkout_id = new.checkout_id",
        &checkouts,
        &statuses as &[&str],
        &versions,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A held reservation whose time has passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    pub(crate) checkout_id: CheckoutId,
    pub(crate) order_id: OrderId,
}

/// Whether any is due for a look.
pub(crate) async fn is_any_due(connection: &mut PgConnection, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM reservations WHERE status = 'held' AND look_at <= $1) AS "due!""#,
        now
    )
    .fetch_one(connection)
    .await
}

/// In a transaction: takes reservations that are due for a look; until `next_look` no other instance takes them.
pub(crate) async fn take_due(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    next_look: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    // In the order of their index, however many wait: what is taken is read, and no more.
    let in_order = sqlx::query!("SELECT set_config('enable_bitmapscan', 'off', TRUE) AS bitmap");
    in_order.fetch_one(&mut *connection).await?;
    let rows = sqlx::query!(
        "UPDATE reservations SET look_at = $2
         WHERE checkout_id = ANY (ARRAY (
             SELECT checkout_id FROM reservations WHERE status = 'held' AND look_at <= $1
             ORDER BY look_at LIMIT $3 FOR UPDATE SKIP LOCKED))
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
