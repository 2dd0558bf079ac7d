//! What an order's way and timed work ask of the mails, with 20,000 that wait.

use contracts::ServiceName;
use test_kit::Plans;

/// Sent up to 2,000; claimed, by somebody who went away, from 2,033 to 2,064. Of those after them every second is due.
fn filling(first: u32, last: u32) -> String {
    format!(
        "INSERT INTO messages (id, account_id, event_id, template, correlation_id, order_id, order_number, title, body, content,
             in_inbox, created_at)
         SELECT one('message', n), one('account', n), one('event', n), 'order_paid', one('journey', n), one('order', n), n,
             'Paid', 'It is paid.', '{{}}', TRUE, now() FROM generate_series({first}, {last}) AS n;
         INSERT INTO deliveries (id, message_id, account_id, channel, status, attempts, next_at, message_id_header, created_at,
             sent_at)
         SELECT one('delivery', n), one('message', n), one('account', n), 'email',
             CASE WHEN n <= 2000 THEN 'sent' WHEN n BETWEEN 2033 AND 2064 THEN 'sending' ELSE 'waiting' END, 1,
             CASE WHEN n > 2000 THEN now() + n * interval '0.1 seconds'
                 + CASE WHEN n <= 2064 OR n % 2 = 0 THEN interval '-1 hour' ELSE '1 hour' END END,
             '<' || n || '@shop.test>', now(), CASE WHEN n <= 2000 THEN now() END
         FROM generate_series({first}, {last}) AS n;"
    )
}

const CLAIM: &str = "UPDATE deliveries SET status = 'sending'";
const PRUNED: &str = "SELECT id FROM messages WHERE id >= $1";
const FORGOTTEN: &str = "WITH gone AS";
/// As whoever prunes sets it.
const UNREAD: &str = "SET LOCAL enable_seqscan = off;";
/// Nothing is newer.
const LAST: &str = "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid";

#[tokio::test]
async fn no_statement_about_mails_is_dearer_with_a_backlog() {
    let plans = Plans {
        service: ServiceName::Notify,
        migrations: &notify_service::MIGRATIONS,
        folder: env!("CARGO_MANIFEST_DIR"),
        drained: &filling(1, 2064),
        backlog: &filling(2065, 22064),
        hot: &[
            // Told, and held for the sender.
            (
                "WITH new AS",
                &[
                    "many('message', 30001, 30032)",
                    "many('delivery', 30001, 30032)",
                    "many('account', 30001, 30032)",
                    "many('event', 30001, 30032)",
                    "times('order_paid'::text)",
                    "many('journey', 30001, 30032)",
                    "array_fill(NULL::text, ARRAY [32])",
                    "many('order', 2001, 2032)",
                    "array_fill(NULL::bigint, ARRAY [32])",
                    "times('Paid'::text)",
                    "times('It is paid.'::text)",
                    "times('{}'::jsonb)",
                    "times(TRUE)",
                    "texts('new-', 1, 32)",
                    "now()",
                    "32",
                    "now() + interval '1 minute'",
                    "many('delivery', 2001, 2002)",
                ],
            ),
            ("SELECT EXISTS (SELECT FROM deliveries", &["now()"]),
            (CLAIM, &["now()", "now() + interval '1 minute'", "many('delivery', 2001, 2002)", "16"]),
            ("SELECT id, account_id, event_id", &["many('message', 2001, 2032)"]),
            // Sent, put off, let go.
            (
                "WITH locked AS ( SELECT id FROM deliveries WHERE id = ANY($1) AND status <> 'sent'",
                &["many('delivery', 2001, 2032)", "now()"],
            ),
            ("WITH locked AS (SELECT id FROM messages WHERE id = ANY($1)", &["many('message', 2001, 2032)"]),
            ("WITH back AS", &["many('delivery', 2033, 2064)", "times(1)", "times('away'::text)", "times(now())"]),
            (
                "WITH locked AS ( SELECT id FROM deliveries WHERE id = ANY (ARRAY",
                &["many('delivery', 2033, 2064)", "times(1)", "now()"],
            ),
            (
                "WITH locked AS ( SELECT id FROM deliveries WHERE id = ANY($1) AND status || '' = 'waiting'",
                &["many('delivery', 2001, 2032)", "now()"],
            ),
            // The customer's inbox.
            (
                "SELECT id, account_id, template, title … AND in_inbox AND id < $2 ORDER BY id DESC LIMIT $3::bigint + 1",
                &["one('account', 2001)", LAST, "20"],
            ),
            (
                "SELECT id, account_id, template, title … AND read_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3::bigint + 1",
                &["one('account', 2001)", LAST, "20"],
            ),
            ("SELECT count(*) AS \"count!\" FROM messages", &["one('account', 2001)"]),
            ("WITH locked AS ( SELECT id FROM messages WHERE read_at", &["many('account', 2001, 2032)", "now()"]),
            (
                "WITH locked AS ( SELECT id FROM messages WHERE id = ANY (ARRAY (",
                &["many('account', 2001, 2032)", "many('message', 2001, 2032)", "now()"],
            ),
            // What is old goes.
            (PRUNED, &["one('message', 1)", "one('message', 1001)", "500"]),
            (FORGOTTEN, &["one('message', 1)", "one('message', 33)"]),
        ],
        first: &[
            (CLAIM, "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"),
            (PRUNED, UNREAD),
            (FORGOTTEN, UNREAD),
        ],
        cold: &[
            (
                "lists of deliveries, for staff",
                &[
                    "SELECT delivery.id … WHERE delivery.id < $1 ORDER BY delivery.id DESC LIMIT $2::bigint + 1",
                    "SELECT delivery.id … AND status = 'waiting' ORDER BY delivery.id DESC LIMIT $2::bigint + 1",
                    "SELECT delivery.id … AND status = 'sending' ORDER BY delivery.id DESC LIMIT $2::bigint + 1",
                    "SELECT delivery.id … AND status = 'sent' ORDER BY delivery.id DESC LIMIT $2::bigint + 1",
                    "SELECT delivery.id … AND status = 'failed' ORDER BY delivery.id DESC LIMIT $2::bigint + 1",
                    "SELECT delivery.id … DESC LIMIT $4::bigint + 1",
                    "SELECT id FROM messages WHERE order_id",
                    "SELECT id AS \"id!\" FROM messages WHERE account_id",
                ],
            ),
            (
                "a mail that was given up is sent after all, by staff",
                &[
                    "SELECT delivery.id … FOR UPDATE OF delivery",
                    "UPDATE deliveries SET status = 'waiting', attempts = 0",
                ],
            ),
            ("gauges: counts what waits, up to 10,000", &["SELECT open.count"]),
            (
                "a person is forgotten, or gets a copy of what is kept of them: now and then",
                &[
                    "WITH mine AS … RETURNING id",
                    "WITH mine AS … RETURNING messages.id",
                    "UPDATE deliveries SET account_id",
                    "UPDATE deliveries SET status = 'failed', next_at = NULL, last_error = $2",
                    "SELECT id FROM deliveries WHERE message_id",
                    "SELECT delivery.id FROM deliveries",
                    "SELECT id, jsonb_build_object … AND in_inbox AND id < $2 ORDER BY id DESC LIMIT $3",
                    "SELECT id, jsonb_build_object … AND NOT in_inbox AND id < $2 ORDER BY id DESC LIMIT $3",
                ],
            ),
            ("reads no table", &["SELECT set_config"]),
        ],
    };
    println!("{}", plans.check().await);
}
