//! A digest per business table, and how much was announced: replaying every event must leave all of it as it is.
//!
//! Left out are the inboxes and outboxes, in which a replay is seen; keys and secrets; and `variants`, where a timer notes
//! a second later what was announced of the stock.

use crate::reach::Reach;
use anyhow::Context;
use contracts::ServiceName;
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

const TABLES: &[(ServiceName, &[&str])] = &[
    (ServiceName::User, &["accounts", "verifications", "registrations", "registration_links"]),
    (
        ServiceName::Product,
        &[
            "categories",
            "pictures",
            "picture_sizes",
            "products",
            "prices",
            "stock",
            "stock_movements",
            "reservations",
            "reservation_lines",
        ],
    ),
    (ServiceName::Order, &["orders", "order_lines", "order_history", "order_refunds", "checkouts"]),
    (ServiceName::Payment, &["payments", "refunds", "ledger_transactions", "ledger_entries"]),
    (ServiceName::Notify, &["messages", "deliveries"]),
];

/// In every database.
const EVERYWHERE: &[&str] = &["idempotency_keys", "operator_log"];

/// The number of rows and a digest over all of them, by table; of the event logs, which only grow, the number. Equal
/// before and after means that nothing changed.
///
/// # Errors
/// A database does not answer.
pub async fn fingerprint(reach: &Reach) -> anyhow::Result<BTreeMap<String, String>> {
    let mut digests = BTreeMap::new();
    for (service, own) in TABLES {
        for table in own.iter().chain(EVERYWHERE) {
            // Each row's digest, sorted: the same rows give the same text, wherever they lie. The names are ours.
            let query = format!(
                "SELECT count(*) || ':' || coalesce(md5(string_agg(digest, '' ORDER BY digest)), '')
                 FROM (SELECT md5(row::text) AS digest FROM {table} AS row) AS digests"
            );
            digests.insert(format!("{}.{table}", service.database()), ask(reach, *service, table, query).await?);
        }
        // That timer's announcements tell of stock that changed before, or is seen to change in its own table.
        let query = "SELECT count(*)::text FROM event_log WHERE type <> 'stock.changed'".to_owned();
        digests.insert(format!("{}.event_log", service.database()), ask(reach, *service, "event_log", query).await?);
    }
    Ok(digests)
}

async fn ask(reach: &Reach, service: ServiceName, table: &str, query: String) -> anyhow::Result<String> {
    let asked = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(reach.database(service)).await;
    asked.with_context(|| format!("{table} of {service} cannot be read"))
}
