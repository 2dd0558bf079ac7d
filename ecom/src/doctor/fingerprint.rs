//! A digest per business table: replaying every event must leave all of them as they are.

use crate::reach::Reach;
use anyhow::Context;
use contracts::ServiceName;
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

const TABLES: &[(ServiceName, &[&str])] = &[
    (ServiceName::Product, &["stock", "stock_movements", "reservations", "reservation_lines"]),
    (ServiceName::Order, &["orders", "order_lines", "order_history", "checkouts"]),
    (ServiceName::Payment, &["payments", "refunds", "ledger_transactions", "ledger_entries"]),
    (ServiceName::Notify, &["messages", "deliveries"]),
];

/// The number of rows and a digest over all of them, by table. Equal before and after means that nothing changed.
///
/// # Errors
/// A database does not answer.
pub async fn fingerprint(reach: &Reach) -> anyhow::Result<BTreeMap<String, String>> {
    let mut digests = BTreeMap::new();
    for (service, tables) in TABLES {
        for table in *tables {
            // Each row's digest, sorted: the same rows give the same text, wherever they lie. The names are ours.
            let query = format!(
                "SELECT count(*) || ':' || coalesce(md5(string_agg(digest, '' ORDER BY digest)), '')
                 FROM (SELECT md5(row::text) AS digest FROM {table} AS row) AS digests"
            );
            let digest = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(reach.database(*service)).await;
            let digest = digest.with_context(|| format!("{table} of {service} cannot be read"))?;
            digests.insert(format!("{}.{table}", service.database()), digest);
        }
    }
    Ok(digests)
}
