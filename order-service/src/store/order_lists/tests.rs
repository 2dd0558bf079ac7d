//! No list of orders reads whole tables, whenever its plan was made.

use super::{Filter, list};
use crate::MIGRATIONS;
use contracts::ServiceName;
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
    SELECT id, line, id, id, 'A', 'A', 1, 50 FROM made, generate_series(1, 2) AS line;";

#[tokio::test]
async fn no_list_of_orders_reads_whole_tables_whenever_its_plan_was_made() {
    let database = TestDatabase::new(ServiceName::Order, &MIGRATIONS).await;
    let mut connection = database.pool().acquire().await.unwrap();
    run(&mut connection, "SET plan_cache_mode = force_generic_plan").await;
    let customer: Uuid = sqlx::query_scalar("SELECT md5('7')::uuid").fetch_one(&mut *connection).await.unwrap();
    let mut filters = Vec::new();
    for owner in [None, Some(customer.into())] {
        for status in [None, Some("pending"), Some("cancelled")] {
            filters.push(Filter { owner, status, before: None });
        }
    }
    // Planned now, by the service's own statements, and kept.
    for filter in &filters {
        assert!(list(&mut connection, *filter, 21).await.unwrap().is_empty());
    }
    let mut other = database.pool().acquire().await.unwrap();
    run(&mut other, MANY).await;
    assert_modest(&mut connection, &filters, customer, "planned for empty tables").await;
    run(&mut other, "ANALYZE").await;
    assert_modest(&mut connection, &filters, customer, "planned with statistics").await;
    assert_eq!(list(&mut connection, filters[0], 21).await.unwrap().len(), 21);
    assert_eq!(list(&mut connection, filters[3], 21).await.unwrap().len(), 10);
}

/// What the connection keeps, with values for what each asks.
async fn assert_modest(connection: &mut PgConnection, filters: &[Filter<'_>], customer: Uuid, when: &str) {
    let kept = "SELECT name, statement FROM pg_prepared_statements";
    let mut kept: Vec<(String, String)> = sqlx::query_as(kept).fetch_all(&mut *connection).await.unwrap();
    kept.retain(|(_, statement)| statement.contains("FROM order"));
    assert_eq!(kept.len(), 6, "the lists' statements: {kept:#?}");
    let newest = "SELECT array_agg(id)::text FROM (SELECT id FROM orders ORDER BY id DESC LIMIT 21) AS newest";
    // Not prepared, so that it is not among them.
    let newest: String = sqlx::raw_sql(newest).fetch_one(&mut *connection).await.unwrap().get(0);
    let last = Uuid::max();
    for (name, statement) in kept {
        for status in filters.iter().filter_map(|filter| filter.status) {
            let values = match statement.matches('$').count() {
                1 => format!("'{newest}'"),
                2 => format!("'{last}', 21"),
                3 => format!("'{customer}', '{last}', 21"),
                _ => format!("'{customer}', '{status}', '{last}', 21"),
            };
            let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {name} ({values})");
            let row = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_one(&mut *connection).await.unwrap();
            let explained: Value = row.get(0);
            let plan = &explained[0]["Plan"];
            let blocks = ["Shared Hit Blocks", "Shared Read Blocks"].map(|kind| plan[kind].as_u64().unwrap());
            let read: u64 = blocks.iter().sum();
            let told = || format!("{when}: {statement}\n{read} blocks\n{explained:#}");
            assert!(!explained.to_string().contains("Seq Scan"), "{}", told());
            assert!(read <= 500, "{}", told());
        }
    }
}

async fn run(connection: &mut PgConnection, statement: &'static str) {
    sqlx::raw_sql(statement).execute(connection).await.unwrap();
}
