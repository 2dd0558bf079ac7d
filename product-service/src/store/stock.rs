//! What is on hand and what of it is reserved. Whoever changes a level holds its lock, taken before any reservation's and
//! by one statement in the order of the variants.

use crate::{
    domain::{Level, Offer},
    error::Error,
    store::{
        catalogue,
        movements::{self, NewMovement},
    },
};
use contracts::{CheckoutId, Money, ProductId, VariantId};
use service_kit::cure;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

struct Row {
    variant_id: Uuid,
    product_id: Uuid,
    sku: String,
    location: String,
    on_hand: i64,
    reserved: i64,
}

impl From<Row> for Level {
    fn from(row: Row) -> Self {
        Self {
            variant_id: row.variant_id.into(),
            product_id: row.product_id.into(),
            sku: row.sku,
            location: row.location,
            on_hand: row.on_hand,
            reserved: row.reserved,
        }
    }
}

/// Of a product's default variant.
pub(crate) async fn find(connection: &mut PgConnection, id: ProductId) -> Result<Option<Level>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT variant_id, product_id, sku, location, on_hand, reserved
         FROM stock JOIN variants ON variants.id = variant_id
         WHERE product_id = $1 AND is_default AND location = 'main'",
        id.uuid()
    );
    Ok(row.fetch_optional(connection).await?.map(Level::from))
}

/// A level, with what it is the level of.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) level: Level,
    pub(crate) name: String,
    pub(crate) status: String,
}

struct LineRow {
    variant_id: Uuid,
    product_id: Uuid,
    sku: String,
    location: String,
    on_hand: i64,
    reserved: i64,
    name: String,
    status: String,
}

impl From<LineRow> for Line {
    fn from(row: LineRow) -> Self {
        let LineRow { variant_id, product_id, sku, location, on_hand, reserved, name, status } = row;
        let level = Row { variant_id, product_id, sku, location, on_hand, reserved };
        Self { level: level.into(), name, status }
    }
}

/// The levels of up to `limit` SKUs from `first` on, and before `end`, both in small letters, by SKU. Those that share
/// their SKU with an older one but for capital letters stand outside.
pub(crate) async fn list(
    connection: &mut PgConnection,
    first: &str,
    end: &str,
    limit: i64,
) -> Result<Vec<Line>, sqlx::Error> {
    // Each step has one index that it can go by, as in `lock_offers`.
    let rows = sqlx::query_as!(
        LineRow,
        r#"SELECT variants.id AS variant_id, variants.product_id, variants.sku, stock.location, stock.on_hand,
               stock.reserved, products.name, products.status
           FROM (SELECT id, product_id, sku FROM variants
               WHERE lower(sku COLLATE "C") >= $1 AND lower(sku COLLATE "C") < $2 AND NOT shares_sku
               ORDER BY lower(sku COLLATE "C") LIMIT $3) AS variants
           JOIN LATERAL (SELECT name, status FROM products WHERE id = variants.product_id OFFSET 0) AS products ON true
           JOIN LATERAL (SELECT location, on_hand, reserved FROM stock
               WHERE variant_id = variants.id AND location = 'main' OFFSET 0) AS stock ON true
           ORDER BY lower(variants.sku COLLATE "C")"#,
        first,
        end,
        limit
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Line::from).collect())
}

/// The lowest levels of what is sold, of at most `most` pieces that can be had.
///
/// Walks through all levels: an index on what is left would be written with every reservation, where the rows of today
/// are changed in place (HOT). Staff's looks are few, and those of one moment are one.
pub(crate) async fn lowest(connection: &mut PgConnection, most: i64, limit: i64) -> Result<Vec<Line>, sqlx::Error> {
    let rows = sqlx::query_as!(
        LineRow,
        "SELECT variant_id, product_id, sku, location, on_hand, reserved, name, status
         FROM stock JOIN variants ON variants.id = variant_id JOIN products ON products.id = product_id
         WHERE on_hand - reserved <= $1 AND location = 'main' AND status = 'active'
         ORDER BY on_hand - reserved, sku LIMIT $2",
        most,
        limit
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Line::from).collect())
}

/// Of these products' default variants, with their locks.
pub(crate) async fn lock(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Level>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT variant_id, product_id, sku, location, on_hand, reserved
         FROM stock JOIN variants ON variants.id = variant_id
         WHERE product_id = ANY ($1) AND is_default AND location = 'main' ORDER BY variant_id FOR UPDATE OF stock",
        ids
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Level::from).collect())
}

pub(crate) struct OfferRow {
    pub(crate) sku: String,
    pub(crate) variant_id: Uuid,
    pub(crate) product_id: Uuid,
    pub(crate) name: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) available: i64,
}

impl TryFrom<OfferRow> for Offer {
    type Error = Error;

    fn try_from(row: OfferRow) -> Result<Self, Error> {
        Ok(Self {
            sku: row.sku,
            variant_id: row.variant_id.into(),
            product_id: row.product_id.into(),
            name: row.name,
            unit_price: Money::new(row.amount, catalogue::currency(&row.currency)?),
            available: row.available,
        })
    }
}

/// What can be bought under these SKUs, with the locks of its stock: what is read is what is there after the wait, and
/// stays so until the end.
#[cure(stock_locked, instead = crate::labs::look_first)]
pub(crate) async fn lock_offers(connection: &mut PgConnection, skus: &[String]) -> Result<Vec<Offer>, Error> {
    // By a list that it cannot count, PostgreSQL keeps its plan: else it makes one for every checkout. And whatever it
    // knows of the tables, each step has one index that it can go by.
    let rows = sqlx::query_as!(
        OfferRow,
        r#"WITH locked AS MATERIALIZED (
               SELECT variant_id, on_hand - reserved AS available FROM stock
               WHERE variant_id = ANY (ARRAY (
                   SELECT id FROM variants WHERE sku = ANY (ARRAY (SELECT unnest($1::text[])))
               )) AND location = 'main'
               ORDER BY variant_id FOR UPDATE
           )
           SELECT variants.sku, locked.variant_id, products.id AS product_id, products.name, prices.amount,
               prices.currency, locked.available AS "available!"
           FROM locked
           JOIN LATERAL (SELECT sku, product_id FROM variants WHERE id = locked.variant_id OFFSET 0) AS variants ON true
           JOIN LATERAL (SELECT id, name FROM products WHERE id = variants.product_id AND status = 'active' OFFSET 0)
               AS products ON true
           JOIN LATERAL (SELECT amount, currency FROM prices WHERE variant_id = locked.variant_id AND is_default OFFSET 0)
               AS prices ON true
           ORDER BY locked.variant_id"#,
        skus
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Offer::try_from).collect()
}

/// What can be bought under these SKUs at this moment, with its picture: for carts, which hold nothing.
pub(crate) async fn offers(
    connection: &mut PgConnection,
    skus: &[String],
) -> Result<Vec<(Offer, Option<String>)>, Error> {
    // Each step has one index that it can go by, as in `lock_offers`.
    let rows = sqlx::query!(
        r#"SELECT products.picture, products.name, products.id AS product_id, variants.id AS variant_id, variants.sku,
               prices.amount, prices.currency, stock.available AS "available!"
           FROM (SELECT id, product_id, sku FROM variants WHERE sku = ANY (ARRAY (SELECT unnest($1::text[]))) OFFSET 0)
               AS variants
           JOIN LATERAL (SELECT id, name, picture FROM products
               WHERE id = variants.product_id AND status = 'active' OFFSET 0) AS products ON true
           JOIN LATERAL (SELECT amount, currency FROM prices WHERE variant_id = variants.id AND is_default OFFSET 0)
               AS prices ON true
           JOIN LATERAL (SELECT on_hand - reserved AS available FROM stock
               WHERE variant_id = variants.id AND location = 'main' OFFSET 0) AS stock ON true"#,
        skus
    )
    .fetch_all(connection)
    .await?;
    let offers = rows.into_iter().map(|row| {
        let offer = Offer {
            sku: row.sku,
            variant_id: row.variant_id.into(),
            product_id: row.product_id.into(),
            name: row.name,
            unit_price: Money::new(row.amount, catalogue::currency(&row.currency)?),
            available: row.available,
        };
        Ok((offer, row.picture))
    });
    offers.collect()
}

/// A line of a reservation: what it took, and where.
#[derive(Clone, Debug)]
pub(crate) struct HeldLine {
    pub(crate) checkout_id: CheckoutId,
    pub(crate) variant_id: VariantId,
    pub(crate) location: String,
    pub(crate) quantity: i64,
}

/// What these checkouts took, with the locks of its stock: of each variant's at every location, in their order.
pub(crate) async fn lock_held(connection: &mut PgConnection, checkouts: &[Uuid]) -> Result<Vec<HeldLine>, sqlx::Error> {
    // Counted, so that all are locked.
    let rows = sqlx::query!(
        r#"WITH line AS MATERIALIZED (
               SELECT checkout_id, variant_id, location, quantity FROM reservation_lines
               WHERE checkout_id = ANY (ARRAY (SELECT unnest($1::uuid[])))
           ), locked AS MATERIALIZED (
               SELECT FROM stock WHERE variant_id = ANY (ARRAY (SELECT variant_id FROM line))
               ORDER BY variant_id, location FOR UPDATE
           )
           SELECT checkout_id, variant_id, location, quantity::bigint AS "quantity!"
           FROM (SELECT count(*) FROM locked) AS all_locked CROSS JOIN line ORDER BY variant_id, location"#,
        checkouts
    )
    .fetch_all(connection)
    .await?;
    let held = rows.into_iter().map(|row| HeldLine {
        checkout_id: row.checkout_id.into(),
        variant_id: row.variant_id.into(),
        location: row.location,
        quantity: row.quantity,
    });
    Ok(held.collect())
}

/// By how much a level changes.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) variant_id: VariantId,
    pub(crate) location: String,
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
}

/// Changes levels, with the movements that say why. What is on hand never changes without one: what cannot be added up
/// again cannot be trusted. Only for who holds the levels' locks.
#[cure(level_with_movement, instead = crate::labs::level_alone)]
pub(crate) async fn write(
    connection: &mut PgConnection,
    moves: &[Move],
    movements: &[NewMovement],
) -> Result<(), sqlx::Error> {
    movements::insert(connection, movements).await?;
    write_levels(connection, moves).await
}

pub(crate) async fn write_levels(connection: &mut PgConnection, moves: &[Move]) -> Result<(), sqlx::Error> {
    let mut sums = BTreeMap::<(Uuid, &str), (i64, i64)>::new();
    for one in moves {
        let (on_hand, reserved) = sums.entry((one.variant_id.uuid(), &one.location)).or_default();
        *on_hand += one.on_hand;
        *reserved += one.reserved;
    }
    if sums.is_empty() {
        return Ok(());
    }
    let (places, changes): (Vec<_>, Vec<_>) = sums.into_iter().unzip();
    let (variants, locations): (Vec<Uuid>, Vec<&str>) = places.into_iter().unzip();
    let (on_hand, reserved): (Vec<i64>, Vec<i64>) = changes.into_iter().unzip();
    sqlx::query!(
        "UPDATE stock SET on_hand = stock.on_hand + move.on_hand, reserved = stock.reserved + move.reserved
         FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
             AS move (variant_id, location, on_hand, reserved)
         WHERE stock.variant_id = move.variant_id AND stock.location = move.location",
        &variants,
        &locations as &[&str],
        &on_hand,
        &reserved
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets a level to what its movements and reservations say. Locks it first: whoever moves or reserves holds that lock,
/// so that the sums are those of one moment. None when they agree already, or there is no such level.
pub(crate) async fn rebuild(
    connection: &mut PgConnection,
    variant_id: VariantId,
    location: &str,
) -> Result<Option<(i64, i64)>, sqlx::Error> {
    sqlx::query!(
        "SELECT variant_id FROM stock WHERE variant_id = $1 AND location = $2 FOR UPDATE",
        variant_id.uuid(),
        location
    )
    .fetch_optional(&mut *connection)
    .await?;
    let row = sqlx::query!(
        r#"WITH moved AS (
               SELECT coalesce(sum(quantity), 0)::bigint AS pieces FROM stock_movements
               WHERE variant_id = $1 AND location = $2
           ), held AS (
               SELECT coalesce(sum(quantity), 0)::bigint AS pieces FROM reservation_lines
               JOIN reservations USING (checkout_id)
               WHERE variant_id = $1 AND location = $2 AND status IN ('held', 'committed')
           )
           UPDATE stock SET on_hand = moved.pieces, reserved = held.pieces FROM moved, held
           WHERE variant_id = $1 AND location = $2 AND (on_hand, reserved) <> (moved.pieces, held.pieces)
           RETURNING on_hand, reserved"#,
        variant_id.uuid(),
        location
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.on_hand, row.reserved)))
}
