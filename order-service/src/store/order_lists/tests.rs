//! No list of orders reads whole tables, whenever its plan was made.

use super::{Filter, list};
use crate::MIGRATIONS;
use contracts::{ServiceName, api::order::OrderStatus};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use test_kit::TestDatabase;
use uuid::Uuid;

/// 30,000 orders of 3,000 customers, one of a hundred unpaid, two lines each; what their lists do not read is left out.
const MANY: &str = "
    CREATE TEMP TABLE made AS
    SELECT number, (lpad(to_hex(1700000000000 + number), 12, '0') || '70008' || substr(md5(number::text), 1, 15))::uuid AS id,
        md5((number % 3000)::text)::uuid AS customer_id
    FROM generate_series(1, 30000) AS number;
    INSERT INTO orders (id, customer_id, checkout_id, status, payment_method, currency, total, shipping_address, deadline,
        paid_at, created_at, updated_at, version)
    SELECT id, customer_id, id, CASE number % 100 WHEN 0 THEN 'pending' ELSE 'fulfilled' END, 'sim', 'EUR', 100, '{}',
        now(), now(), now(), now(), 1
    FROM made;
    INSERT INTO order_lines (order_id, position, product_id, variant_id, sku, name, quantity, unit_price)
    SELECT id, line, id, id, chr(64 + line), 'A', 1, 50 FROM made, generate_series(1, 2) AS line;";

/// Everybody's, from the newest on.
const ALL: Filter<'_> = Filter { owners: None, statuses: &[], sku: None, since: Uuid::nil(), before: Uuid::max() };

#[tokio::test]
async fn no_list_of_orders_reads_whole_tables_whenever_its_plan_was_made() {
    let database = TestDatabase::new(ServiceName::Order, &MIGRATIONS).await;
    let mut connection = database.pool().acquire().await.unwrap();
    run(&mut connection, "SET plan_cache_mode = force_generic_plan").await;
    let customer: Uuid = sqlx::query_scalar("SELECT md5('7')::uuid").fetch_one(&mut *connection).await.unwrap();
    let mut filters = Vec::new();
    let owner = [customer.into()];
    for owners in [None, Some(&owner[..])] {
        for statuses in [&[][..], &[OrderStatus::Pending], &[OrderStatus::Cancelled]] {
            filters.push(Filter { owners, statuses, ..ALL });
        }
    }
    filters.push(Filter { sku: Some("A"), ..ALL });
    filters.push(Filter { owners: Some(&owner), sku: Some("A"), since: Uuid::from_u128(1), ..ALL });
    // Planned now, by the service's own statements, and kept.
    for filter in &filters {
        assert!(list(&mut connection, *filter, 21).await.unwrap().orders.is_empty());
    }
    let mut other = database.pool().acquire().await.unwrap();
    run(&mut other, MANY).await;
    assert_modest(&mut connection, customer, "planned for empty tables").await;
    run(&mut other, "ANALYZE").await;
    assert_modest(&mut connection, customer, "planned with statistics").await;
    for (place, found) in [(0, 21), (3, 10), (6, 21), (7, 10)] {
        assert_eq!(list(&mut connection, filters[place], 21).await.unwrap().orders.len(), found, "{place}");
    }
}

/// What the connection keeps, with values for what each asks.
async fn assert_modest(connection: &mut PgConnection, customer: Uuid, when: &str) {
    let kept = "SELECT name, statement FROM pg_prepared_statements";
    let mut kept: Vec<(String, String)> = sqlx::query_as(kept).fetch_all(&mut *connection).await.unwrap();
    kept.retain(|(_, statement)| statement.contains("FROM order"));
    assert_eq!(kept.len(), 9, "the lists' statements: {kept:#?}");
    let newest = "SELECT array_agg(id)::text FROM (SELECT id FROM orders ORDER BY id DESC LIMIT 21) AS newest";
    // Not prepared, so that it is not among them.
    let newest: String = sqlx::raw_sql(newest).fetch_one(&mut *connection).await.unwrap().get(0);
    let (first, last) = (Uuid::nil(), Uuid::max());
    for (name, statement) in kept {
        let asks = |what: &str| statement.contains(what);
        let values = if asks("OFFSET $3") {
            format!("'{last}', '{first}', 29999")
        } else if asks("sku = $3") {
            format!("'{last}', '{first}', 'A', 21")
        } else if asks("status || '' = ANY($2)") {
            format!("'{newest}', '{{pending,fulfilled}}', 21")
        } else if asks("wanted.customer_id") {
            format!("'{{{customer}}}', '{last}', '{first}', '{{pending}}', NULL, 21")
        } else if asks("customer_id = $1") {
            format!("'{customer}', '{last}', 21")
        } else if asks("id >= $2") {
            format!("'{last}', '{first}', 21")
        } else {
            format!("'{newest}'")
        };
        let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {name} ({values})");
        let row = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_one(&mut *connection).await.unwrap();
        let explained: Value = row.get(0);
        let plan = &explained[0]["Plan"];
        let blocks = ["Shared Hit Blocks", "Shared Read Blocks"].map(|kind| plan[kind].as_u64().unwrap());
        let read: u64 = blocks.iter().sum();
        let told = || format!("{when}: {statement}\n{read} blocks\n{explained:#}");
        assert!(!explained.to_string().contains("Seq Scan"), "{}", told());
        // Where to stop is found by walking over 30,000 entries of an index, each seen at its row while nothing is vacuumed;
        // and a plan of before may read that many.
        assert!(read <= if asks("order_lines WHERE order_id <") { 32_000 } else { 500 }, "{}", told());
    }
}

async fn run(connection: &mut PgConnection, statement: &'static str) {
    sqlx::raw_sql(statement).execute(connection).await.unwrap();
}
