//! `order_db`.

use super::{moment::Moment, reading::Reading};
use crate::doctor::Invariant;
use sqlx::FromRow;
use std::collections::HashSet;
use uuid::Uuid;

#[derive(Clone, Debug, Default)]
pub(crate) struct Orders {
    pub(crate) orders: Vec<Order>,
    pub(crate) lines: Vec<OrderLine>,
    /// In the order in which it was written.
    pub(crate) history: Vec<HistoryEntry>,
    pub(crate) checkouts: Vec<Checkout>,
    /// The stored answers to `POST /orders`.
    pub(crate) answers: Vec<Answer>,
    /// What was noted as given back.
    pub(crate) refunds: Vec<OrderRefund>,
    /// Orders that were stored again from what the other services knew of them (`ecom restored`).
    pub(crate) remembered: HashSet<String>,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Order {
    pub(crate) id: Uuid,
    pub(crate) number: i64,
    pub(crate) customer_id: Uuid,
    pub(crate) checkout_id: Uuid,
    pub(crate) status: String,
    pub(crate) payment_method: String,
    pub(crate) currency: String,
    pub(crate) total: i64,
    pub(crate) refunded: i64,
    pub(crate) deadline: Moment,
    pub(crate) payment_id: Option<Uuid>,
    pub(crate) paid_at: Option<Moment>,
    pub(crate) fulfilled_at: Option<Moment>,
    pub(crate) cancelled_at: Option<Moment>,
    pub(crate) cancel_reason: Option<String>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) version: i64,
}

impl Order {
    /// Whether its money and its stock stay where they are.
    pub(crate) fn stands(&self) -> bool {
        matches!(self.status.as_str(), "paid" | "fulfilled" | "completed")
    }
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct OrderLine {
    pub(crate) order_id: Uuid,
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) quantity: i32,
    pub(crate) unit_price: i64,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct HistoryEntry {
    pub(crate) order_id: Uuid,
    pub(crate) what: String,
    pub(crate) from_status: Option<String>,
    pub(crate) to_status: String,
    pub(crate) cause_id: Option<Uuid>,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Checkout {
    pub(crate) checkout_id: Uuid,
    pub(crate) outcome: String,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Answer {
    pub(crate) owner: Uuid,
    pub(crate) key: String,
    pub(crate) order_id: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) payment_method: Option<String>,
    /// Whether lines and address are as they were answered. Compared by the database: no address is read.
    pub(crate) lines_agree: Option<bool>,
    pub(crate) address_agrees: Option<bool>,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct OrderRefund {
    pub(crate) refund_id: Uuid,
    pub(crate) order_id: Uuid,
    pub(crate) amount: i64,
}

#[derive(FromRow)]
struct Remembered {
    target: String,
}

pub(super) async fn read(reading: &mut Reading) -> anyhow::Result<Orders> {
    let orders = reading
        .rows(
            Invariant::States,
            "orders",
            "SELECT id, number, customer_id, checkout_id, status, payment_method, currency, total, refunded, deadline, payment_id, paid_at,
                 fulfilled_at, cancelled_at, cancel_reason, created_at, updated_at, version
             FROM orders WHERE id >= $1 OR status = 'pending' ORDER BY id",
        )
        .await?;
    let lines = "SELECT order_id, sku, name, quantity, unit_price FROM order_lines WHERE order_id >= $1
                 ORDER BY order_id, position";
    let history = "SELECT order_id, what, from_status, to_status, cause_id FROM order_history WHERE order_id >= $1
         ORDER BY order_id, position";
    // What a guest ordered is the account's that they joined; the answer stays theirs who asked.
    let answers = r#"SELECT coalesce((SELECT account_id FROM guests_joined WHERE guest_id = owner), owner) AS owner, key,
                       body ->> 'id' AS order_id, body -> 'total' ->> 'amount' AS amount,
                       body -> 'total' ->> 'currency' AS currency, body ->> 'number' AS number,
                       body ->> 'payment_method' AS payment_method,
                       body -> 'shipping_address' = orders.shipping_address AS address_agrees,
                       (SELECT jsonb_agg(jsonb_build_array(line ->> 'sku', line ->> 'name', line -> 'quantity',
                            line -> 'unit_price' -> 'amount')) FROM jsonb_array_elements(CASE jsonb_typeof(body -> 'lines')
                                WHEN 'array' THEN body -> 'lines' ELSE '[]' END) AS line)
                       = (SELECT jsonb_agg(jsonb_build_array(sku, name, quantity, unit_price) ORDER BY position)
                          FROM order_lines WHERE order_id = orders.id) AS lines_agree
                   FROM idempotency_keys LEFT JOIN orders ON orders.id::text = body ->> 'id'
                   WHERE route IN ('place_order', 'checkout_cart') AND idempotency_keys.status = 201
                     AND (body ->> 'id' IS NULL OR (body ->> 'id') COLLATE "C" >= $1::text)"#;
    let refunds = "SELECT refund_id, order_id, amount FROM order_refunds WHERE order_id >= $1";
    // A checkout's own id is no time.
    let checkouts = "SELECT checkout_id, outcome FROM checkouts LEFT JOIN orders USING (checkout_id)
                     WHERE orders.id IS NULL OR orders.id >= $1";
    let remembered = "SELECT target FROM operator_log WHERE action = 'remembered'";
    let remembered: Vec<Remembered> = reading.rows(Invariant::Requests, "operator_log", remembered).await?;
    Ok(Orders {
        orders,
        lines: reading.rows(Invariant::Requests, "order_lines", lines).await?,
        history: reading.rows(Invariant::States, "order_history", history).await?,
        checkouts: reading.rows(Invariant::Requests, "checkouts", checkouts).await?,
        answers: reading.rows(Invariant::Requests, "idempotency_keys", answers).await?,
        refunds: reading.rows(Invariant::Money, "order_refunds", refunds).await?,
        remembered: remembered.into_iter().map(|one| one.target).collect(),
    })
}
