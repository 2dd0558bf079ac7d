//! How large the tables are.

use crate::platform::Platform;
use contracts::ServiceName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of one table, per past order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Size {
    pub(super) database: String,
    pub(super) table: String,
    /// With its indexes.
    pub(super) bytes: f64,
    pub(super) indexes: f64,
}

/// Bytes with indexes, and of indexes alone; by database and table.
pub(super) type Sizes = BTreeMap<(ServiceName, String), (i64, i64)>;

/// # Errors
/// A database does not answer.
pub(super) async fn read(platform: &Platform) -> anyhow::Result<Sizes> {
    let query = "SELECT relname::text, pg_total_relation_size(relid), pg_indexes_size(relid) FROM pg_stat_user_tables";
    let mut sizes = Sizes::new();
    for service in ServiceName::ALL {
        let tables: Vec<(String, i64, i64)> = sqlx::query_as(query).fetch_all(platform.watch(service)).await?;
        sizes.extend(tables.into_iter().map(|(table, all, indexes)| ((service, table), (all, indexes))));
    }
    Ok(sizes)
}

/// What came with the past orders, by the largest; of messages there are fewer.
#[expect(clippy::cast_precision_loss, reason = "no table has so many bytes")]
pub(super) fn between(before: &Sizes, after: &Sizes, orders: i64, told: i64) -> Vec<Size> {
    let grown = after.iter().filter_map(|((service, table), (all, indexes))| {
        let (all_before, indexes_before) = before.get(&(*service, table.clone())).copied().unwrap_or_default();
        let orders = if *service == ServiceName::Notify { told } else { orders }.max(1) as f64;
        let each = |bytes: i64| bytes as f64 / orders;
        let size = Size {
            database: service.database().to_owned(),
            table: table.clone(),
            bytes: each(all - all_before),
            indexes: each(indexes - indexes_before),
        };
        (size.bytes >= 1.0).then_some(size)
    });
    let mut grown: Vec<_> = grown.collect();
    grown.sort_by(|one, other| other.bytes.total_cmp(&one.bytes));
    grown
}
