//! The kit's own statements, which every service runs, with 20,000 events that wait to go out and to be tried again.

use crate::support::MIGRATIONS;
use contracts::ServiceName;
use test_kit::Plans;

fn filling(first: u32, last: u32) -> String {
    format!(
        "INSERT INTO event_log (event_id, type, subject, sequence, correlation_id, announced_at, envelope)
         SELECT one('event', n), 'order.created', one('order', n), 1, one('journey', n), now(),
             jsonb_build_object('id', one('event', n), 'type', 'order.created', 'data', jsonb_build_object('number', n))
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO outbox (position, next_at)
         SELECT position, 'epoch' FROM event_log
         WHERE subject BETWEEN one('order', greatest({first}, 2001)) AND one('order', {last}) ORDER BY position;
         INSERT INTO inbox
             (event_id, type, subject, sequence, received_at, status, attempts, next_at, reason, envelope)
         SELECT one('heard', n), 'order.created', one('order', n), 1, now(),
             CASE WHEN n <= 2000 THEN 'done' ELSE 'waiting' END, (n > 2000)::int,
             CASE WHEN n > 2000 THEN now() - interval '1 hour' + n * interval '0.3 seconds' END,
             CASE WHEN n > 2000 THEN 'it failed' END, CASE WHEN n > 2000 THEN '{{}}'::jsonb END
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO idempotency_keys (owner, route, key, fingerprint, status, body, created_at)
         SELECT one('owner', n), 'POST /orders', 'key-' || n, '', 201, '{{}}',
             now() - CASE WHEN n <= 64 THEN interval '1 year' ELSE '0' END
         FROM generate_series({first}, {last}) AS n;"
    )
}

const HELD: &str = "SELECT up_to FROM … FOR UPDATE SKIP LOCKED";
const OF_THE_LOG: &str = "DELETE FROM event_log";
const OF_THE_INBOX: &str = "DELETE FROM inbox";
/// As whoever prunes sets it.
const UNREAD: &str = "SET LOCAL enable_seqscan = off;";
/// Nothing is newer.
const NEWEST: &str = "9223372036854775807";
const WAITING: &str = "ARRAY (SELECT position FROM outbox ORDER BY position LIMIT 32)";

#[tokio::test]
async fn no_statement_of_the_kit_is_dearer_with_a_backlog() {
    let plans = Plans {
        service: ServiceName::Order,
        migrations: &MIGRATIONS,
        folder: env!("CARGO_MANIFEST_DIR"),
        drained: &filling(1, 2064),
        backlog: &filling(2065, 22064),
        hot: &[
            // Announcing, and the relay.
            (
                "WITH logged AS",
                &[
                    "many('new event', 30001, 30032)",
                    "times('order.created'::text)",
                    "many('order', 30001, 30032)",
                    "times(1::bigint)",
                    "many('journey', 30001, 30032)",
                    "many('heard', 2001, 2032)",
                    "times(now())",
                    "times('{}'::jsonb)",
                    "many('new event', 30001, 30032)",
                ],
            ),
            ("SELECT position, event_id … )) ORDER BY position", &["0", "now()", "32"]),
            ("DELETE FROM outbox", &[WAITING]),
            ("SELECT position, attempts FROM outbox", &[WAITING]),
            ("UPDATE outbox SET attempts = attempts + 1", &[WAITING, "times(now())"]),
            // Consuming.
            (
                "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status) SELECT … RETURNING event_id",
                &[
                    "many('heard', 30001, 30032)",
                    "times('order.created'::text)",
                    "many('order', 30001, 30032)",
                    "times(1::bigint)",
                    "now()",
                ],
            ),
            (
                "WITH mark AS MATERIALIZED … RETURNING type, status",
                &[
                    "many('heard', 30001, 30032)",
                    "times('order.created'::text)",
                    "many('order', 30001, 30032)",
                    "times(1::bigint)",
                    "times('{}'::jsonb)",
                    "now()",
                    "now()",
                    "'it failed'",
                    "'forgotten'",
                ],
            ),
            (
                "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, reason, envelope) VALUES",
                &["one('heard', 30001)", "'unreadable'", "one('order', 30001)", "now()", "'not JSON'", "'{}'"],
            ),
            // Trying again.
            ("SELECT EXISTS ( SELECT FROM inbox", &["now()"]),
            ("UPDATE inbox SET next_at = $2", &["now()", "now() + interval '1 minute'", "32"]),
            ("UPDATE inbox SET attempts = attempts + 1", &["one('heard', 2001)", "1", "now()"]),
            ("UPDATE inbox SET status = 'done'", &["one('heard', 2001)"]),
            ("UPDATE inbox SET reason", &["one('heard', 2001)", "'again'", "now()"]),
            // Answers kept.
            (
                "SELECT place AS",
                &["many('owner', 2001, 2032)", "times('POST /orders'::text)", "texts('key-', 2001, 2032)"],
            ),
            (
                "INSERT INTO idempotency_keys",
                &[
                    "many('owner', 30001, 30032)",
                    "times('POST /orders'::text)",
                    "texts('key-', 30001, 30032)",
                    "times(''::bytea)",
                    "times(201)",
                    "times('{}'::jsonb)",
                    "now()",
                ],
            ),
            ("DELETE FROM idempotency_keys WHERE ctid", &["now() - interval '1 day'", "32"]),
            // People who are to be forgotten, or want a copy.
            ("SELECT (SELECT min(look_at) FROM people_erased)", &[]),
            // What was announced, for an operator.
            ("SELECT sequence AS place", &["one('order', 2001)", NEWEST, "NULL", "NULL", "20"]),
            (
                "SELECT position AS place … ORDER BY position + 0 DESC LIMIT $4",
                &["one('journey', 2001)", NEWEST, "NULL", "20"],
            ),
            ("SELECT position AS place … ORDER BY position DESC LIMIT $3", &[NEWEST, "NULL", "20"]),
            ("SELECT position AS place … WHERE event_id = $1", &["one('event', 2001)"]),
            // What is old goes.
            (HELD, &["'event_log'"]),
            ("UPDATE pruned", &["'event_log'", "one('event', 33)"]),
            ("SELECT event_id FROM event_log", &["one('event', 1)", "one('event', 1001)", "500"]),
            ("SELECT event_id FROM inbox", &["one('heard', 1)", "one('heard', 1001)", "500"]),
            (OF_THE_LOG, &["one('event', 1)", "one('event', 33)"]),
            (OF_THE_INBOX, &["one('heard', 1)", "one('heard', 33)"]),
        ],
        first: &[
            ("SELECT event_id FROM event_log", UNREAD),
            ("SELECT event_id FROM inbox", UNREAD),
            (OF_THE_LOG, UNREAD),
            (OF_THE_LOG, "UPDATE pruned SET up_to = one('event', 33) WHERE table_name = 'event_log';"),
            (OF_THE_INBOX, UNREAD),
        ],
        cold: &[
            (
                "an operator's",
                &[
                    "SELECT status AS",
                    "SELECT event_id, type AS kind … FROM inbox WHERE status = $1 ORDER BY received_at, event_id LIMIT $2",
                    "SELECT event_id, type AS kind … FROM inbox WHERE event_id = $1",
                    "UPDATE inbox SET status = 'waiting', attempts = 0, next_at = 'epoch' WHERE",
                    "UPDATE inbox SET status = 'waiting', attempts = 0, next_at = 'epoch', envelope",
                    "UPDATE inbox SET next_at = 'epoch'",
                    "UPDATE inbox SET status = 'dropped'",
                    "SELECT event_id, type AS kind … FROM inbox WHERE status = 'dead' AND type <> $1 AND reason IS DISTINCT FROM $2 ORDER BY received_at, event_id LIMIT $3",
                    "SELECT count(*) AS \"forgotten!\"",
                    "WITH mark AS MATERIALIZED … DO NOTHING",
                    "SELECT up_to FROM … WHERE table_name = $1",
                    "SELECT FROM pruned",
                    "INSERT INTO operator_log",
                    "SELECT event_id, type AS kind … FROM inbox WHERE event_id = $1 FOR UPDATE",
                    "SELECT event_id, type AS kind … FROM inbox WHERE status = 'dead' AND (received_at, event_id) < (coalesce($1::timestamptz, 'infinity'), $2) ORDER BY received_at DESC, event_id DESC LIMIT $3",
                    "SELECT event_id, type AS kind … FROM inbox WHERE status = 'dropped' AND (received_at, event_id) < (coalesce($1::timestamptz, 'infinity'), $2) ORDER BY received_at DESC, event_id DESC LIMIT $3",
                    "SELECT sequence FROM event_log",
                    "SELECT position FROM event_log",
                    "INSERT INTO outbox",
                    "INSERT INTO event_log",
                ],
            ),
            (
                "a person is forgotten, or gets a copy of what is kept of them: now and then",
                &[
                    "INSERT INTO people_erased",
                    "SELECT account_id, also",
                    "UPDATE people_erased SET look_at = $2, erased_rows",
                    "UPDATE people_erased SET look_at = $3 WHERE",
                    "DELETE FROM idempotency_keys WHERE (owner",
                    "INSERT INTO people_exported",
                    "UPDATE people_exported SET look_at",
                    "UPDATE people_exported SET number",
                    "DELETE FROM people_exported WHERE export_id",
                    "DELETE FROM people_exported WHERE account_id",
                    "INSERT INTO guests_joined",
                    "SELECT guest_id, account_id, told_at",
                    "SELECT guest_id, account_id FROM",
                    "UPDATE guests_joined SET look_at",
                ],
            ),
            (
                "a journey, shown to somebody",
                &["SELECT event_id, received_at", "SELECT envelope FROM", "SELECT envelope AS event"],
            ),
            (
                "gauges: counts what waits, which is more when more waits",
                &[
                    "SELECT count(*) AS \"waiting!\"",
                    "SELECT count(*) FILTER",
                    "SELECT count(*) AS \"count!\" FROM outbox",
                    "SELECT (SELECT count(*)",
                ],
            ),
            (
                "keys, at a start and every five minutes",
                &[
                    "SELECT kid FROM",
                    "SELECT kid, private_key",
                    "SELECT issuer",
                    "INSERT INTO signing_keys",
                    "UPDATE signing_keys",
                    "DELETE FROM signing_keys",
                    "INSERT INTO peer_keys",
                    "DELETE FROM peer_keys",
                    "LOCK TABLE signing_keys",
                ],
            ),
            (
                "the audit log: of staff and logins, and its chain behind their backs",
                &[
                    "WITH new AS ( INSERT INTO audit_entries",
                    "SELECT EXISTS (SELECT FROM audit_waiting",
                    "SELECT pg_advisory_xact_lock",
                    "SELECT entry FROM audit_waiting",
                    "SELECT entry.id, entry.at",
                    "SELECT number, hash",
                    "INSERT INTO audit_links",
                    "DELETE FROM audit_waiting",
                ],
            ),
            (
                "the audit log is verified, by an operator",
                &[
                    "SELECT number, entries",
                    "SELECT count(*) AS \"count!\" FROM audit_entries",
                    "SELECT count(*) AS \"count!\" FROM audit_waiting",
                ],
            ),
            (
                "the relay's election: locks and sessions of the server",
                &[
                    "SELECT pg_try_advisory_lock_shared",
                    "SELECT pg_try_advisory_lock($1)",
                    "SELECT pg_try_advisory_xact_lock",
                    "SELECT concat_ws",
                ],
            ),
            ("reads no table", &["SELECT now()"]),
            (
                "mistakes to be seen in labs",
                &[
                    "SELECT position, event_id … ORDER BY position LIMIT $2",
                    "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status) SELECT … DO NOTHING",
                    "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, reason, envelope) SELECT",
                ],
            ),
        ],
    };
    println!("{}", plans.check().await);
}
