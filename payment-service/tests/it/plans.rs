//! What an order's way and timed work ask of the payments, with 20,000 that nobody has charged yet, and as many refunds.

use contracts::ServiceName;
use test_kit::Plans;

/// Captured, and given back, up to 2,000. Of the others every second is due.
fn filling(first: u32, last: u32) -> String {
    let next_at = "now() + n * interval '0.1 seconds'
        + CASE WHEN n <= 2064 OR n % 2 = 0 THEN interval '-1 hour' ELSE '1 hour' END";
    format!(
        "INSERT INTO payments (id, order_id, customer_id, order_number, currency, total, method, status, authorised,
             captured, refunds_requested, refunded, provider_key, provider_reference, next_at, deadline, correlation_id,
             caused_by, created_at, updated_at)
         SELECT one('payment', n), one('order', n), one('customer', n), n, 'EUR', 500, 'sim_ok',
             CASE WHEN n <= 2000 THEN 'captured' ELSE 'unknown' END, done, done, done, done, 'key-' || n,
             CASE WHEN n <= 2000 THEN 'ch_' || n END, CASE WHEN n > 2000 THEN {next_at} END, now(), one('journey', n),
             one('event', n), now(), now()
         FROM (SELECT n, CASE WHEN n <= 2000 THEN 500 ELSE 0 END AS done FROM generate_series({first}, {last}) AS n) AS one;
         INSERT INTO refunds (id, payment_id, order_id, cause, amount, currency, status, provider_key, provider_reference,
             next_at, correlation_id, requested_at, completed_at)
         SELECT one('refund', n), one('payment', n), one('order', n), one('event', n), 500, 'EUR',
             CASE WHEN n <= 2000 THEN 'completed' ELSE 'unknown' END, 'back-' || n, CASE WHEN n <= 2000 THEN 're_' || n END,
             CASE WHEN n > 2000 THEN {next_at} END, one('journey', n), now(), CASE WHEN n <= 2000 THEN now() END
         FROM generate_series({first}, {last}) AS n;"
    )
}

const BOOKED: &str = "
    WITH booked AS (
        INSERT INTO ledger_transactions (id, kind, source_id, payment_id, order_id, booked_at)
        SELECT one('capture', n), 'capture', one('payment', n), one('payment', n), one('order', n), now()
        FROM generate_series(1, 2000) AS n
    )
    INSERT INTO ledger_entries (transaction_id, account, currency, amount)
    SELECT one('capture', n), account, 'EUR', amount
    FROM generate_series(1, 2000) AS n, (VALUES ('provider_clearing', 500), ('customer_prepayments', -500)) AS e (account, amount);";

#[tokio::test]
async fn no_statement_about_payments_is_dearer_with_a_backlog() {
    let plans = Plans {
        service: ServiceName::Payment,
        migrations: &payment_service::MIGRATIONS,
        folder: env!("CARGO_MANIFEST_DIR"),
        drained: &(filling(1, 2064) + BOOKED),
        backlog: &filling(2065, 22064),
        hot: &[
            // Asked for.
            (
                "INSERT INTO payments",
                &[
                    "many('payment', 30001, 30032)",
                    "many('order', 30001, 30032)",
                    "many('customer', 30001, 30032)",
                    "times(1::bigint)",
                    "times('EUR'::text)",
                    "times(500::bigint)",
                    "times('sim_ok'::text)",
                    "array_fill(NULL::uuid, ARRAY [32])",
                    "texts('key-', 30001, 30032)",
                    "times(now())",
                    "many('journey', 30001, 30032)",
                    "many('event', 30001, 30032)",
                    "array_fill(NULL::text, ARRAY [32])",
                    "times(now())",
                    "times(1)",
                    "now()",
                ],
            ),
            ("UPDATE payments SET method", &["many('order', 2001, 2032)", "times('sim_ok'::text)"]),
            (
                "SELECT id, order_id, customer_id … AS wanted JOIN payments ON order_id = one ORDER BY id FOR UPDATE OF payments",
                &["many('order', 2001, 2032)"],
            ),
            (
                "SELECT id, order_id, customer_id … AS wanted JOIN payments ON id = one ORDER BY id FOR UPDATE OF payments",
                &["many('payment', 2001, 2032)"],
            ),
            (
                "SELECT id, order_id, customer_id … AS wanted JOIN payments ON order_id = one",
                &["many('order', 2001, 2032)"],
            ),
            // Charged, and booked.
            ("WITH due AS ( SELECT ctid", &["now()", "now() + interval '1 minute'", "32", "'epoch'"]),
            ("SELECT next_at AS \"next_at!\" FROM payments", &["'epoch'"]),
            ("UPDATE payments SET next_at = $2", &["many('payment', 2001, 2032)", "now()"]),
            (
                "UPDATE payments SET next_at = ($2",
                &["many('payment', 2001, 2032)", "times(now())", "times('away'::text)"],
            ),
            (
                "UPDATE payments SET status",
                &[
                    "many('payment', 2001, 2032)",
                    "times('captured'::text)",
                    "times(500::bigint)",
                    "times(0::bigint)",
                    "times(0::bigint)",
                    "texts('ch_', 30001, 30032)",
                    "array_fill(NULL::text, ARRAY [32])",
                    "array_fill(NULL::uuid, ARRAY [32])",
                    "times(1::bigint)",
                    "now()",
                ],
            ),
            (
                "WITH booked AS",
                &[
                    "many('capture', 30001, 30032)",
                    "times('capture'::text)",
                    "many('payment', 2001, 2032)",
                    "many('payment', 2001, 2032)",
                    "many('order', 2001, 2032)",
                    "times(now())",
                    "many('capture', 30001, 30032) || many('capture', 30001, 30032)",
                    "times('provider_clearing'::text) || times('customer_prepayments'::text)",
                    "times('EUR'::text) || times('EUR'::text)",
                    "times(500::bigint) || times(-500::bigint)",
                ],
            ),
            // Given back.
            (
                "INSERT INTO refunds",
                &[
                    "many('refund', 30001, 30032)",
                    "many('payment', 1, 32)",
                    "many('order', 1, 32)",
                    "many('event', 30001, 30032)",
                    "times(1::bigint)",
                    "times('EUR'::text)",
                    "texts('back-', 30001, 30032)",
                    "many('journey', 1, 32)",
                    "array_fill(NULL::text, ARRAY [32])",
                    "now()",
                ],
            ),
            ("WITH due AS ( UPDATE refunds", &["now()", "now() + interval '1 minute'", "32"]),
            ("SELECT next_at AS \"next_at!\" FROM refunds", &[]),
            ("UPDATE refunds SET next_at = $2", &["many('refund', 2001, 2032)", "now()"]),
            (
                "UPDATE refunds SET next_at = ($2",
                &["many('refund', 2001, 2032)", "times(now())", "times('away'::text)"],
            ),
            ("UPDATE refunds SET status", &["many('refund', 2001, 2032)", "texts('re_', 30001, 30032)", "now()"]),
            // Somebody looks.
            ("SELECT id, order_id, customer_id … FROM payments WHERE id = $1", &["one('payment', 2001)"]),
            ("SELECT id, order_id, customer_id … FROM payments WHERE order_id = $1", &["one('order', 2001)"]),
            (
                "SELECT id, order_id, customer_id … FROM payments WHERE id < $1 ORDER BY id DESC LIMIT $2",
                &["one('payment', 40000)", "20"],
            ),
            (
                "SELECT id, order_id, customer_id … FROM payments WHERE customer_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2",
                &["one('payment', 40000)", "20", "one('customer', 2001)"],
            ),
            ("SELECT id, amount", &["one('payment', 2001)"]),
            ("SELECT booked.id", &["one('payment', 1)", "many('refund', 1, 4)"]),
        ],
        first: &[],
        cold: &[
            ("gauges: counts what waits, up to 10,000", &["SELECT count(*) FILTER"]),
            ("a copy of what is kept of a person, now and then", &["SELECT id, jsonb_build_object"]),
            (
                "lists by status, which look through 30,000 payments at a time or through the open ones; store/tests/plans.rs",
                &[
                    "SELECT id FROM payments WHERE id < $1",
                    "SELECT id, order_id, customer_id … AND status || '' = $3 ORDER BY id DESC LIMIT $4",
                    "SELECT id, order_id, customer_id … AND status || '' = $4 ORDER BY id DESC LIMIT $2",
                    "SELECT id, order_id, customer_id … DESC LIMIT $3)) ORDER BY id DESC",
                ],
            ),
            ("what was a guest's becomes an account's, once", &["UPDATE payments SET customer_id"]),
        ],
    };
    println!("{}", plans.check().await);
}
