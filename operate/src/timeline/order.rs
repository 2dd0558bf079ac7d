//! What order-service knows: the order itself and its history.

use super::entry::{Entry, Gathered};
use crate::reach::Reach;
use anyhow::Context;
use contracts::{Money, OrderId, ServiceName};
use serde::Serialize;
use std::{fmt, str::FromStr};
use time::OffsetDateTime;
use uuid::Uuid;

/// How people name an order: by its id or by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderRef {
    Id(OrderId),
    Number(i64),
}

impl FromStr for OrderRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(number));
        }
        text.parse().map(Self::Id).map_err(|_| "expected an order's number, such as 1001, or its id, a UUID".to_owned())
    }
}

impl fmt::Display for OrderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// The order whose life is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Order {
    pub id: OrderId,
    pub number: i64,
    pub status: String,
    pub cancel_reason: Option<String>,
    pub total: Money,
    pub refunded: Money,
    pub payment_method: String,
    #[serde(with = "time::serde::rfc3339")]
    pub placed_at: OffsetDateTime,
    pub checkout_id: Uuid,
}

type Row = (Uuid, i64, String, Option<String>, String, i64, i64, String, OffsetDateTime, Uuid);

pub(super) async fn find(reach: &Reach, wanted: OrderRef) -> anyhow::Result<Order> {
    let (id, number) = match wanted {
        OrderRef::Id(id) => (Some(id.uuid()), None),
        OrderRef::Number(number) => (None, Some(number)),
    };
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, number, status, cancel_reason, currency, total, refunded, payment_method, created_at, checkout_id
         FROM orders WHERE id = $1 OR number = $2",
    );
    let row = query.bind(id).bind(number).fetch_optional(reach.database(ServiceName::Order)).await?;
    let row =
        row.with_context(|| format!("there is no order {wanted}: `ecom events list --type order.created` shows some"))?;
    let (id, number, status, cancel_reason, currency, total, refunded, payment_method, placed_at, checkout_id) = row;
    let currency = currency.parse().context("the order's currency is unknown")?;
    Ok(Order {
        id: id.into(),
        number,
        status,
        cancel_reason,
        total: Money::new(total, currency),
        refunded: Money::new(refunded, currency),
        payment_method,
        placed_at,
        checkout_id,
    })
}

type HistoryRow = (OffsetDateTime, String, Option<String>, String, Option<String>, String);

pub(super) async fn gather(reach: &Reach, order: &Order, into: &mut Gathered) -> anyhow::Result<()> {
    let query = sqlx::query_as::<_, HistoryRow>(
        "SELECT at, what, from_status, to_status, cause_type, trace_id FROM order_history WHERE order_id = $1
         ORDER BY position",
    );
    let rows = query.bind(order.id.uuid()).fetch_all(reach.database(ServiceName::Order)).await?;
    for (at, what, from, to, cause, trace) in rows {
        let status = match from {
            Some(from) if from != to => format!("{from} → {to}"),
            Some(_) => format!("stays {to}"),
            None => to,
        };
        let details = cause.map_or_else(|| status.clone(), |cause| format!("{status}, because of {cause}"));
        let entry = Entry::new(at, ServiceName::Order.as_str(), what, details);
        into.entries.push(Entry { trace_id: Some(trace), ..entry });
    }
    if order.status == "pending" {
        into.open.push("the order waits for its payment".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::OrderRef;

    #[test]
    fn an_order_is_named_by_number_or_id() {
        assert_eq!("1001".parse(), Ok(OrderRef::Number(1001)));
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(id.parse(), Ok(OrderRef::Id(id.parse().unwrap())));
        assert!("mug".parse::<OrderRef>().unwrap_err().contains("1001"));
    }
}
