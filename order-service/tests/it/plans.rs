//! What an order's way and timed work ask of the orders, with 20,000 unpaid ones.

use contracts::ServiceName;
use test_kit::Plans;

/// Paid ones up to 2,000. Of the others every second is overdue.
fn filling(first: u32, last: u32) -> String {
    format!(
        "INSERT INTO orders (id, customer_id, checkout_id, status, payment_method, currency, total, shipping_address,
             deadline, paid_at, created_at, updated_at, version)
         SELECT one('order', n), one('customer', n), one('checkout', n),
             CASE WHEN n <= 2000 THEN 'fulfilled' ELSE 'pending' END, 'sim_ok', 'EUR', 500, '{{}}',
             now() + n * interval '0.1 seconds' + CASE WHEN n <= 2064 OR n % 2 = 0 THEN interval '-1 hour' ELSE '1 hour' END,
             CASE WHEN n <= 2000 THEN now() END, now(), now(), 1
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO order_lines (order_id, position, product_id, variant_id, sku, name, quantity, unit_price)
         SELECT one('order', n), 1, one('product', n % 200), one('variant', n % 200), 'SKU-' || n % 200, 'Mug', 1, 500
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO checkouts (checkout_id, outcome)
         SELECT one('checkout', n), 'ordered' FROM generate_series({first}, {last}) AS n;
         INSERT INTO order_history (order_id, at, what, to_status, trace_id)
         SELECT one('order', n), now(), 'placed', 'pending', '' FROM generate_series({first}, {last}) AS n;
         INSERT INTO carts (id, account_id, created_at, changed_at, expires_at)
         SELECT one('cart', n), one('customer', n), now(), now(),
             now() + CASE WHEN n BETWEEN 2033 AND 2064 THEN interval '-1 hour' ELSE '1 day' END
         FROM generate_series(greatest({first}, 2001), {last}) AS n;
         INSERT INTO order_notes (id, order_id, author, key, text, written_at)
         SELECT one('note', n), one('order', n), one('clerk', n), 'old', 'Called.', now()
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO order_hours (hour, currency, orders, paid, revenue, declined)
         SELECT now() - n * interval '1 hour', 'EUR', 1, 1, 1, 0 FROM generate_series({first}, {last}) AS n;
         INSERT INTO withdrawals (id, order_number, order_id, declared_by, name, email, received_at, closed_at, closed_by, outcome)
         SELECT one('withdrawal', n), n, one('order', n), one('customer', n), 'Ada', 'ada@example.com', now(),
             CASE WHEN n > 64 THEN now() END, CASE WHEN n > 64 THEN one('clerk', n) END, CASE WHEN n > 64 THEN 'Done.' END
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO order_refunds (refund_id, order_id, amount, at)
         SELECT one('refund', n), one('order', n), 1, now() FROM generate_series({first}, least({last}, 2000)) AS n;"
    )
}

/// Of checkouts in work: none of those that wait to be paid has one any more.
const INTENTS: &str = "
    INSERT INTO checkout_intents (customer_id, checkout_id, pieces, begun_at)
    SELECT one('customer', n), one('intent', n), 1, now() - CASE WHEN n > 2032 THEN interval '1 day' ELSE '0' END
    FROM generate_series(2001, 2064) AS n;";

#[tokio::test]
async fn no_statement_about_orders_is_dearer_with_a_backlog() {
    let plans = Plans {
        service: ServiceName::Order,
        migrations: &order_service::MIGRATIONS,
        folder: env!("CARGO_MANIFEST_DIR"),
        drained: &(filling(1, 2064) + INTENTS),
        backlog: &filling(2065, 22064),
        hot: &[
            // Placing.
            (
                "SELECT place AS",
                &[
                    "many('customer', 2001, 2032)",
                    "many('new checkout', 30001, 30032)",
                    "times(1::bigint)",
                    "20",
                    "2000",
                    "now()",
                    "now() - interval '1 hour'",
                ],
            ),
            (
                "WITH claimed AS",
                &[
                    "many('order', 30001, 30032)",
                    "many('customer', 2001, 2032)",
                    "many('intent', 2001, 2032)",
                    "times('sim_ok'::text)",
                    "times('EUR'::text)",
                    "times(500::bigint)",
                    "times('{}'::jsonb)",
                    "times(now())",
                    "times(now())",
                    "many('order', 30001, 30032)",
                    "times(1)",
                    "many('product', 1, 32)",
                    "many('variant', 1, 32)",
                    "texts('SKU-', 1, 32)",
                    "times('Mug'::text)",
                    "times(1)",
                    "times(500::bigint)",
                ],
            ),
            ("WITH ended AS", &["many('customer', 2001, 2032)", "many('intent', 2001, 2032)"]),
            (
                "INSERT INTO order_history",
                &[
                    "many('order', 2001, 2032)",
                    "times(now())",
                    "times('paid'::text)",
                    "times('pending'::text)",
                    "times('paid'::text)",
                    "many('event', 1, 32)",
                    "times('payment.completed'::text)",
                    "times(''::text)",
                ],
            ),
            // Learning what became of it.
            (
                "SELECT id, number, customer_id, checkout_id … WHERE id = ANY($1) ORDER BY id FOR UPDATE",
                &["many('order', 2001, 2032)"],
            ),
            (
                "SELECT id, number, customer_id, checkout_id … COLLATE \"C\" FOR UPDATE",
                &["many('checkout', 2001, 2032)"],
            ),
            (
                "UPDATE orders SET status",
                &[
                    "many('order', 2001, 2032)",
                    "times('paid'::text)",
                    "many('payment', 2001, 2032)",
                    "times(now())",
                    "array_fill(NULL::timestamptz, ARRAY [32])",
                    "array_fill(NULL::timestamptz, ARRAY [32])",
                    "array_fill(NULL::text, ARRAY [32])",
                    "times(0::bigint)",
                    "times(2::bigint)",
                    "now()",
                ],
            ),
            ("SELECT refund_id, order_id, amount", &["many('refund', 1, 32)"]),
            (
                "INSERT INTO order_refunds",
                &["many('refund', 30001, 30032)", "many('order', 1, 32)", "times(1::bigint)", "now()"],
            ),
            // Timed: the deadline, the reservation's end, the intents'.
            ("SELECT id FROM orders WHERE status = 'pending'", &["now()", "32"]),
            ("DELETE FROM carts WHERE id = ANY (ARRAY", &["now()", "32"]),
            ("UPDATE orders SET cancel_again_at", &["many('order', 2001, 2032)", "now()"]),
            ("SELECT checkout_id, status FROM orders", &["many('checkout', 2001, 2032)"]),
            ("INSERT INTO checkouts", &["many('checkout', 30001, 30032)"]),
            ("DELETE FROM checkout_intents", &["now() - interval '1 hour'"]),
            // The customer looks.
            ("SELECT id, number, customer_id, status … WHERE id = ANY($1)", &["many('order', 2001, 2032)"]),
            ("SELECT order_id, sku", &["many('order', 2001, 2032)"]),
            (
                "SELECT id, number, customer_id, status … WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                &["one('customer', 2001)", "one('order', 40000)", "20"],
            ),
            // Staff write, and look at a start page.
            ("SELECT id, shipping_address = $2", &["many('order', 2001, 2032)", "'{}'::jsonb"]),
            (
                "INSERT INTO order_notes",
                &[
                    "many('note', 30001, 30032)",
                    "many('order', 2001, 2032)",
                    "many('clerk', 1, 32)",
                    "texts('key ', 1, 32)",
                    "texts('text ', 1, 32)",
                    "times(now())",
                ],
            ),
            (
                "SELECT id, order_id, author … key = ANY($3)",
                &["many('order', 2001, 2032)", "many('clerk', 1, 32)", "texts('key ', 1, 32)"],
            ),
            (
                "SELECT id, order_id, author … ORDER BY id DESC LIMIT $3",
                &["one('order', 2001)", "one('note', 40000)", "20"],
            ),
            ("SELECT currency, count(*)", &["one('order', 2001)", "one('order', 2032)"]),
            ("SELECT id FROM orders WHERE id >= $1", &["one('order', 2001)"]),
            ("SELECT hour FROM order_hours", &[]),
            (
                "INSERT INTO order_hours",
                &[
                    "now() + interval '1 year'",
                    "texts('X', 1, 32)",
                    "times(1::bigint)",
                    "times(1::bigint)",
                    "times(1::bigint)",
                    "times(1::bigint)",
                ],
            ),
            // Withdrawals.
            (
                "INSERT INTO withdrawals",
                &[
                    "many('withdrawal', 30001, 30032)",
                    "texts('', 1, 32)",
                    "many('order', 1, 32)",
                    "many('customer', 1, 32)",
                    "texts('name ', 1, 32)",
                    "texts('email ', 1, 32)",
                    "array_fill(NULL::text, ARRAY [32])",
                    "times(now())",
                ],
            ),
            ("SELECT id, number, customer_id, shipping_address", &["ARRAY [1001, 1002]::bigint[]", "'{}'::jsonb"]),
            (
                "SELECT id, order_number … WHERE closed_at IS NULL AND id > $1 ORDER BY id LIMIT $2",
                &["one('withdrawal', 1)", "20"],
            ),
            (
                "SELECT id, order_number … IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2",
                &["one('withdrawal', 40000)", "20"],
            ),
            ("SELECT id, order_number … email <> ''", &["one('withdrawal', 1)"]),
            ("SELECT id, order_number … FOR UPDATE", &["many('withdrawal', 1, 32)"]),
            (
                "UPDATE withdrawals SET closed_at",
                &["many('withdrawal', 1, 32)", "times(now())", "many('clerk', 1, 32)", "texts('outcome ', 1, 32)"],
            ),
            ("SELECT count(*) AS", &["101"]),
            // Carts.
            (
                "SELECT id, lines … OR token_hash = ANY ($3))",
                &["one('cart', 2001)", "many('customer', 2001, 2001)", "'{}'::bytea[]"],
            ),
            ("SELECT id, lines … WHERE account_id = $1", &["one('customer', 2001)"]),
            (
                "SELECT id, lines … ORDER BY id FOR UPDATE",
                &["one('customer', 2001)", "one('cart', 2002)", "'none'::bytea"],
            ),
            (
                "INSERT INTO carts",
                &["one('cart', 30001)", "one('customer', 30001)", "NULL::bytea", "'[]'::jsonb", "now()", "now()"],
            ),
            (
                "UPDATE carts SET lines = $3",
                &["one('cart', 2001)", "1::bigint", "'[]'::jsonb", "'{}'::text[]", "now()", "now()"],
            ),
            ("UPDATE carts SET account_id", &["one('cart', 2001)", "one('customer', 2001)", "now()"]),
            ("DELETE FROM carts WHERE id = $1", &["one('cart', 2001)"]),
            ("SELECT carts.id FROM carts", &["many('cart', 2001, 2032)", "times(1::bigint)"]),
            ("UPDATE carts SET lines = '[]'", &["many('cart', 2001, 2032)", "now()"]),
            ("UPDATE carts SET version", &["one('cart', 2001)", "1::bigint", "now()"]),
        ],
        first: &[],
        cold: &[
            (
                "lists, which have a test of their own",
                &[
                    "SELECT id, number, customer_id, status … FROM orders WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3",
                    "SELECT id, number, customer_id, status … WHERE status = 'pending' AND id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3",
                    "SELECT id, number, customer_id, status … WHERE status = 'paid' AND id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3",
                    "SELECT id, number, customer_id, status … WHERE status = 'fulfilled' AND id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3",
                    "SELECT id, number, customer_id, status … WHERE status = 'completed' AND id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3",
                    "SELECT id, number, customer_id, status … WHERE status = 'cancelled' AND id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3",
                    "SELECT id, number, customer_id, status … AS newest ORDER BY newest.id DESC LIMIT $6)) ORDER BY id DESC",
                    "SELECT id, number, customer_id, status … status || '' = ANY($2) ORDER BY id DESC LIMIT $3",
                    "SELECT order_id FROM order_lines … OFFSET $3 LIMIT 1",
                    "SELECT order_id FROM order_lines … DESC LIMIT $4",
                ],
            ),
            (
                "guests, who are few: what each has begun within an hour",
                &[
                    "SELECT pg_advisory_xact_lock",
                    "SELECT coalesce(max(held.number)",
                    "INSERT INTO guest_checkouts",
                    "DELETE FROM guest_checkouts WHERE counted_as",
                    "DELETE FROM guest_checkouts WHERE (counted_as",
                ],
            ),
            ("one order, shown to staff", &["SELECT id FROM orders WHERE number", "SELECT at, what"]),
            (
                "counts what waits, up to 10,000 for gauges and up to 101 for a start page",
                &["SELECT (SELECT count(*) … AS first_deadline", "SELECT (SELECT count(*) … AS \"overdue!\""],
            ),
            ("90 days of hours, for a start page, once a minute", &["SELECT (hour AT TIME ZONE"]),
            (
                "a person is forgotten, or gets a copy of what is kept of them: now and then",
                &[
                    "SELECT id FROM orders WHERE customer_id",
                    "UPDATE orders SET shipping_address",
                    "SELECT id, jsonb_build_object('number'",
                    "SELECT id, jsonb_build_object('lines'",
                    "SELECT note.id",
                    "DELETE FROM order_notes",
                    "DELETE FROM carts WHERE account_id",
                    "UPDATE orders SET customer_id",
                    "SELECT id, jsonb_build_object('order_number'",
                    "UPDATE withdrawals SET name",
                    "UPDATE withdrawals SET declared_by",
                ],
            ),
            (
                "what is old enough to go, a piece in ten minutes",
                &["SELECT id FROM withdrawals WHERE id >= $1", "DELETE FROM withdrawals"],
            ),
            (
                "numbers, after a restored backup",
                &["UPDATE orders SET number", "LOCK TABLE orders", "SELECT setval", "SELECT CASE WHEN is_called"],
            ),
        ],
    };
    println!("{}", plans.check().await);
}
