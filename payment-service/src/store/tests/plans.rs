//! Plans that were made early stay good.

use super::Desk;
use crate::{
    domain::Fact,
    store::{payment_lists, payments},
};
use contracts::api::payment::PaymentStatus;
use service_kit::auth::Viewer;
use sqlx::{AssertSqlSafe, PgConnection};
use time::OffsetDateTime;

/// The plans of this connection's statements about payments, generic as they become with time, by the statement.
async fn plans(connection: &mut PgConnection) -> Vec<(String, String)> {
    let prepared = "SELECT statement, cardinality(parameter_types) AS parameters FROM pg_prepared_statements
                    WHERE NOT from_sql AND statement ~ '(FROM|UPDATE|JOIN) payments' ORDER BY statement";
    let statements = sqlx::query_as::<_, (String, i32)>(prepared).fetch_all(&mut *connection).await.unwrap();
    let mut plans = Vec::new();
    for (number, (statement, parameters)) in statements.into_iter().enumerate() {
        let prepare = format!("PREPARE known_{number} AS {statement}");
        // Known already the second time: then this is the plan that was kept.
        let _ = sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut *connection).await;
        let given = vec!["NULL"; usize::try_from(parameters).unwrap()].join(", ");
        let given = if given.is_empty() { given } else { format!("({given})") };
        let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE known_{number} {given}"));
        let plan = sqlx::query_scalar::<_, String>(explain).fetch_all(&mut *connection).await.unwrap().join("\n");
        plans.push((statement, plan));
    }
    plans
}

/// Plans are made once, for a table that nobody has filled yet, and kept; 20,000 unpaid come after it. Nothing walks them.
#[tokio::test]
async fn no_statement_walks_all_payments_whenever_it_was_planned() {
    const BACKLOG: &str =
        "INSERT INTO payments (id, order_id, customer_id, order_number, currency, total, method, status, captured,
            authorised, provider_key, provider_reference, attempts, next_at, deadline, correlation_id, caused_by,
            created_at, updated_at)
        SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), n, 'EUR', 1, 'sim_ok',
            CASE WHEN n % 3 = 0 THEN 'captured' ELSE 'unknown' END, CASE WHEN n % 3 = 0 THEN 1 ELSE 0 END,
            CASE WHEN n % 3 = 0 THEN 1 ELSE 0 END, 'key-' || n, CASE WHEN n % 3 = 0 THEN 'ch-' || n END, 1,
            CASE WHEN n % 3 <> 0 THEN now() + n * interval '10 milliseconds' END, now(), gen_random_uuid(),
            gen_random_uuid(), now(), now() FROM generate_series(1, 30000) AS n";
    // As the service's connections are.
    const SETTINGS: &str = "SET enable_seqscan = off; SET enable_bitmapscan = off";
    let mut desk = Desk::new().await;
    sqlx::raw_sql(SETTINGS).execute(&mut *desk.connection).await.unwrap();
    let new = desk.inserted().await;
    payments::learn_methods(&mut desk.connection, &[(new.order_id, "sim_ok".to_owned())]).await.unwrap();
    payments::lock_by_orders(&mut desk.connection, &[new.order_id]).await.unwrap();
    payments::of_orders(&mut desk.connection, &[new.order_id]).await.unwrap();
    assert!(payments::is_due(&mut desk.connection, OffsetDateTime::UNIX_EPOCH, desk.now).await.unwrap());
    desk.claim(desk.now, desk.now).await;
    desk.put_off(new.id, desk.now).await;
    desk.learned(new.id, Fact::Abandoned).await;
    for viewer in [Viewer::Staff, Viewer::Customer(new.customer_id)] {
        payments::find(&mut desk.connection, viewer, new.id).await.unwrap();
        payments::find_by_order(&mut desk.connection, viewer, new.order_id).await.unwrap();
        for status in [None].into_iter().chain(PaymentStatus::ALL.map(Some)) {
            payment_lists::list(&mut desk.connection, viewer, status, None, 20).await.unwrap();
        }
    }
    sqlx::raw_sql("SET plan_cache_mode = force_generic_plan").execute(&mut *desk.connection).await.unwrap();
    for then in [BACKLOG, "ANALYZE payments", "SELECT"] {
        let plans = plans(&mut desk.connection).await;
        assert!(plans.len() > 10, "{plans:?}");
        for (statement, plan) in plans {
            assert!(!plan.contains("Seq Scan on payments"), "before {then:.9}: {statement}\n{plan}");
        }
        sqlx::raw_sql(then).execute(&mut *desk.connection).await.unwrap();
    }
}
