//! Order numbers: people have them in mails. None is given out twice.

use super::{plan::ORDERS, step::Step};
use crate::reach::Reach;
use anyhow::Context;
use contracts::ServiceName;

/// So many numbers are left out, since not every number that was given out is known to anybody but who has the mail:
/// some are of orders that never got further, others were taken and not used.
const GAP: i64 = 1000;

/// What each database knows of numbers: its own rows, and what it announced or was told.
const KNOWN: [(ServiceName, &str); 6] = [
    (ServiceName::Payment, "SELECT max(order_number) FROM payments"),
    (ServiceName::Notify, "SELECT max(order_number) FROM messages"),
    (ServiceName::Order, "SELECT max(number) FROM orders"),
    (
        ServiceName::Order,
        "SELECT max((envelope -> 'data' ->> 'number')::bigint) FROM event_log
                          WHERE type LIKE 'order.%' AND envelope -> 'data' ->> 'number' ~ '^[0-9]{1,18}$'",
    ),
    (ServiceName::Payment, WAITING),
    (ServiceName::Product, WAITING),
];

/// Envelopes are kept as long as an event is not done.
const WAITING: &str = "SELECT max((envelope -> 'data' ->> 'number')::bigint) FROM inbox
                       WHERE type LIKE 'order.%' AND envelope -> 'data' ->> 'number' ~ '^[0-9]{1,18}$'";

/// Whether this command has moved the numbers since the newest order was stored.
const MOVED: &str = "SELECT coalesce(max(at) > (SELECT coalesce(max(created_at), '-infinity') FROM orders), false)
                     FROM operator_log WHERE action = 'restored' AND target = 'order_numbers'";

/// `unknown` orders have left traces that carry no number. None when the numbers are beyond all of that, and were moved
/// since the backup was put back.
pub(super) async fn step(reach: &Reach, unknown: i64) -> anyhow::Result<Option<Step>> {
    let mut known = 0;
    for (service, query) in KNOWN {
        let asked = sqlx::query_scalar::<_, Option<i64>>(query).fetch_one(reach.database(service)).await;
        let highest = asked.with_context(|| format!("asking {service} for the highest order number it knows"))?;
        known = known.max(highest.unwrap_or_default());
    }
    let pool = reach.database(ORDERS);
    let last = order_service::mend::last_number(&mut *pool.acquire().await?).await?;
    let moved: bool = sqlx::query_scalar(MOVED).fetch_one(pool).await?;
    let least = known.saturating_add(unknown);
    let needed = last < least || !moved;
    let to = last.max(least).saturating_add(GAP);
    Ok(needed.then_some(Step::MoveNumbers { last, known, to }))
}
