//! `product_db`: stock and who holds it.

use super::{moment::Moment, reading::Reading};
use crate::doctor::Invariant;
use sqlx::FromRow;
use uuid::Uuid;

#[derive(Clone, Debug, Default)]
pub(crate) struct Products {
    pub(crate) levels: Vec<Level>,
    /// In the order in which they happened.
    pub(crate) movements: Vec<Movement>,
    /// What was moved and is held for orders that are not looked at.
    pub(crate) before: Vec<Before>,
    pub(crate) reservations: Vec<Reservation>,
    pub(crate) lines: Vec<ReservationLine>,
    pub(crate) alike: Vec<Alike>,
    pub(crate) variants: Vec<Variant>,
}

/// SKUs on sale that differ in their capital letters alone, from before such were refused.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Alike {
    pub(crate) skus: String,
}

/// A variant with what was announced of it, and its product.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Variant {
    pub(crate) id: Uuid,
    pub(crate) sku: String,
    pub(crate) announced_available: i64,
    pub(crate) stock_version: i64,
    pub(crate) product_id: Uuid,
    pub(crate) product_version: i64,
    pub(crate) is_default: bool,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Level {
    pub(crate) variant_id: Uuid,
    pub(crate) location: String,
    pub(crate) sku: String,
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
}

/// Sums of one level.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Before {
    pub(crate) variant_id: Uuid,
    pub(crate) location: String,
    pub(crate) moved: i64,
    pub(crate) reserved: i64,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Movement {
    pub(crate) variant_id: Uuid,
    pub(crate) location: String,
    pub(crate) kind: String,
    pub(crate) quantity: i64,
    pub(crate) order_id: Option<Uuid>,
    pub(crate) at: Moment,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Reservation {
    pub(crate) checkout_id: Uuid,
    pub(crate) order_id: Uuid,
    pub(crate) status: String,
    pub(crate) created_at: Moment,
    pub(crate) changed_at: Moment,
    pub(crate) expires_at: Moment,
    /// When it is looked at next, while it is held.
    pub(crate) look_at: Moment,
    pub(crate) version: i64,
    /// What was asked for, by SKU.
    pub(crate) skus: Vec<String>,
    pub(crate) quantities: Vec<i32>,
}

impl Reservation {
    /// Whether its pieces count as reserved.
    pub(crate) fn holds(&self) -> bool {
        matches!(self.status.as_str(), "held" | "committed")
    }
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct ReservationLine {
    pub(crate) checkout_id: Uuid,
    pub(crate) variant_id: Uuid,
    pub(crate) location: String,
    pub(crate) product_id: Uuid,
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) quantity: i32,
    pub(crate) amount: i64,
    pub(crate) currency: String,
}

pub(super) async fn read(reading: &mut Reading) -> anyhow::Result<Products> {
    let levels = "SELECT variant_id, location, coalesce(sku, variant_id::text) AS sku, on_hand, reserved
                  FROM stock LEFT JOIN variants ON variants.id = variant_id ORDER BY sku, location";
    let movements = "SELECT variant_id, location, kind, quantity, order_id, at FROM stock_movements
                     WHERE order_id IS NULL OR order_id >= $1 ORDER BY position";
    let before = "SELECT variant_id, location, sum(moved)::bigint AS moved, sum(reserved)::bigint AS reserved
                  FROM (SELECT variant_id, location, quantity AS moved, 0 AS reserved FROM stock_movements
                        WHERE order_id < $1
                        UNION ALL
                        SELECT variant_id, location, 0, quantity FROM reservation_lines JOIN reservations USING (checkout_id)
                        WHERE order_id < $1 AND status IN ('held', 'committed')) AS each
                  GROUP BY variant_id, location";
    let reservations = "SELECT checkout_id, order_id, status, created_at, changed_at, expires_at, look_at,
                            version, skus, quantities
                        FROM reservations WHERE order_id >= $1 OR status = 'held'";
    let lines = "SELECT checkout_id, variant_id, location, product_id, sku, name, quantity, amount, currency
                 FROM reservation_lines LEFT JOIN reservations USING (checkout_id)
                 WHERE order_id IS NULL OR order_id >= $1";
    let variants = "SELECT variants.id, sku, announced_available, stock_version, product_id, is_default,
                        products.version AS product_version
                    FROM variants JOIN products ON products.id = product_id";
    let alike = r#"SELECT string_agg(sku, ' and ' ORDER BY variants.id) AS skus
                   FROM variants JOIN products ON products.id = product_id WHERE status <> 'archived'
                   GROUP BY lower(sku COLLATE "C") HAVING count(*) > 1 ORDER BY 1"#;
    Ok(Products {
        levels: reading.rows(Invariant::Stock, "stock", levels).await?,
        movements: reading.rows(Invariant::Stock, "stock_movements", movements).await?,
        before: reading.rows(Invariant::Stock, "stock_movements", before).await?,
        reservations: reading.rows(Invariant::Stock, "reservations", reservations).await?,
        lines: reading.rows(Invariant::Stock, "reservation_lines", lines).await?,
        alike: reading.rows(Invariant::Stock, "variants", alike).await?,
        variants: reading.rows(Invariant::Stock, "variants", variants).await?,
    })
}
