//! What the kit counts and measures for every service; the process's own values are in `process.rs`. docs/operations/metrics.md
//! shows both to operators.

use super::{Label, Metric};

/// What every service counts.
pub const KIT: &[Metric] = &[
    // Requests.
    Metric::counter("http_requests_total", "Requests answered.").by(&[
        Label::any("method"),
        Label::any("route"),
        Label::any("status"),
    ]),
    Metric::duration("http_request_duration_seconds", "From a request's arrival to the head of its answer.")
        .by(&[Label::any("method"), Label::any("route")]),
    Metric::counter(
        "http_requests_shed_total",
        "Requests turned away at once because too many were in work; not logged one by one.",
    ),
    Metric::gauge(
        "http_connections",
        "Connections that are open; `service` is also `front-door`, `web` or `provider-sim`.",
    ),
    Metric::counter("http_connections_closed_total", "Connections closed by the listener or not taken on.").by(&[
        Label::of(
            "reason",
            &["head_timeout", "head_too_large", "idle", "stalled", "made_room", "refused_full", "refused_address"],
        ),
    ]),
    // Doors that gather.
    Metric::sizes("batch_items", "How many were done together.").by(&[Label::any("work")]),
    Metric::duration("batch_wait_seconds", "From an item's arrival to the beginning of its batch.")
        .by(&[Label::any("work")]),
    Metric::duration("batch_work_seconds", "The work on one batch, to its answers.").by(&[Label::any("work")]),
    Metric::counter("batch_items_redone_total", "Items of batches that failed and were done again.")
        .by(&[Label::any("work"), Label::of("how", &["together", "alone"])]),
    // Calls to the other services.
    Metric::counter("peer_calls_total", "Calls to another service.")
        .by(&[Label::any("peer"), Label::of("outcome", &["answered", "refused", "unreachable", "unreadable"])]),
    Metric::duration("peer_call_duration_seconds", "From a call to another service to its whole answer.")
        .by(&[Label::any("peer")]),
    Metric::gauge("peer_keys_known", "1 when the keys that user-service signs with are known, else 0.")
        .by(&[Label::any("peer")]),
    // The database.
    Metric::gauge("database_up", "1 when the service's own database answers, else 0."),
    Metric::gauge("database_pool_connections", "Connections of the pool.").by(&[Label::of("state", &["busy", "idle"])]),
    Metric::gauge("database_pool_connections_max", "Connections the pool may have at the most: `DATABASE_POOL`."),
    Metric::duration(
        "database_transaction_begin_seconds",
        "To get a connection from the pool and begin a transaction on it.",
    ),
    Metric::counter(
        "database_pool_timeouts_total",
        "Transactions not begun because no connection became free in time.",
    ),
    // Events out.
    Metric::counter("events_published_total", "Events the bus has confirmed.").by(&[Label::any("type")]),
    Metric::counter("events_publish_failures_total", "Events the bus has not confirmed, each of which is sent again.")
        .by(&[Label::of("reason", &["broker", "refused", "no_queue", "not_here", "not_stored"])]),
    Metric::gauge("outbox_pending", "Events not yet confirmed by the bus; counted up to 100,000."),
    Metric::age("outbox_oldest_age_seconds", "Since the oldest unconfirmed event was announced; 0 when there is none."),
    Metric::gauge(
        "relay_leads",
        "1 when this instance relays the service's events, 0 when it stands by; absent beside another process that \
         carries the events.",
    ),
    Metric::gauge(
        "bus_connected",
        "1 when this instance's own connections to the bus are there, 0 when one is away: it consumes, and publishes \
         where it relays. Absent beside another process that carries the events.",
    ),
    // Events in.
    Metric::counter(
        "events_consumed_total",
        "Attempts to act on an event; an event given up counts as `dead` beside its last `failed`.",
    )
    .by(&[Label::any("type"), Label::of("outcome", &["done", "duplicate", "failed", "dead"])]),
    Metric::duration("event_processing_duration_seconds", "One attempt to act on an event.").by(&[Label::any("type")]),
    Metric::duration("event_delay_seconds", "From an event's announcement to its effect.").by(&[Label::any("type")]),
    Metric::gauge("bus_queue_messages", "Messages ready in the service's queues; RabbitMQ only.")
        .by(&[Label::of("queue", &["events", "dead"])]),
    Metric::gauge("inbox_waiting", "Events that failed and will be tried again."),
    Metric::age("inbox_oldest_waiting_age_seconds", "Since the oldest waiting event arrived; 0 when there is none."),
    Metric::gauge(
        "inbox_attempts_highest",
        "The most attempts any waiting event has had; 0 when there is none. After eight an event is dead.",
    ),
    Metric::gauge("inbox_dead", "Dead letters: events given up, to be looked at by an operator."),
    // Timed work.
    Metric::counter("task_runs_total", "Runs of timed and standing work.")
        .by(&[Label::any("task"), Label::of("outcome", &["done", "failed", "panicked"])]),
    Metric::counter("retention_deleted_rows_total", "Rows that were deleted since they are older than they need be.")
        .by(&[Label::any("table")]),
    Metric::counter("spans_exported_total", "Spans of traces that the collector has taken."),
    Metric::counter("spans_dropped_total", "Spans of traces that nobody took.")
        .by(&[Label::of("reason", &["queue_full", "not_taken"])]),
    // The service itself.
    Metric::gauge("build_info", "Always 1; the version tells what runs.").by(&[Label::any("version")]),
    Metric::age(
        "metrics_sampled_timestamp_seconds",
        "When the gauges that are read from the database were last read (every 5 s, every 20 s while nobody scrapes), in Unix time.",
    ),
];
