"""One dashboard per service, all from one pattern; what only one service has stands in its first row."""
from parts import board, graph, number, steps, target, truth

GREEN_TO_RED = steps(("green", None), ("red", 1))


def dashboards():
    for service, own in OWN.items():
        yield board(
            f"ecom-{service}",
            service,
            f"{service}: what it does for the shop, its requests, events, database and process.",
            [
                ("State", state(service)),
                ("What it does", own(service)),
                ("Requests", requests(service)),
                ("Calls to others", calls(service)),
                ("Events", events(service)),
                ("Database", database(service)),
                ("Process and timed work", process(service)),
            ],
            ["service"],
        )


def per(service, *more):
    """The label selector of one service's series."""
    return "{" + ",".join([f'service="{service}"', *more]) + "}"


def quantile(share, histogram, service, *by):
    labels = ", ".join([*by, "le"])
    return f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{per(service)}[5m])))"


def state(service):
    return [
        truth("Up", "Whether it answers Prometheus.", [target(f'up{{job="{service}"}}', "{{instance}}", True)], 4),
        truth("Database", "Whether it reaches its own database.", [target(f"min(database_up{per(service)})", "database", True)], 3),
        truth("Broker", "Whether it has the bus, by instance.", [target(f"bus_connected{per(service)}", "{{instance}}", True)], 4),
        truth("Relay", "Whether an instance of it sends its events.", [target(f"max(relay_leads{per(service)})", "relay", True)], 3),
        truth("Keys of user-service", "Whether it can check people's tokens.", [target(f"min(peer_keys_known{per(service)})", "keys", True)], 3),
        number("Dead letters", "Events given up: somebody must decide.", "none", [target(f"max(inbox_dead{per(service)})", "dead", True)], 3, GREEN_TO_RED),
        number("Version", "What runs, by instance.", "none", [target(f"sum by (version) (build_info{per(service)})", "{{version}}", True)], 4),
    ]


def requests(service):
    rate = f"sum by (method, route) (rate(http_requests_total{per(service)}[5m]))"
    failed = "sum by (route, status) (rate(http_requests_total" + per(service, 'status=~"5.."') + "[5m]))"
    times = [target(quantile(share, "http_request_duration_seconds", service), f"{percent} %") for share, percent in [(0.5, 50), (0.95, 95), (0.99, 99)]]
    return [
        graph("Requests by route", "Requests per second.", "reqps", [target(rate, "{{method}} {{route}}")], 12),
        graph("Failed requests by route", "Answers 5xx per second.", "reqps", [target(failed, "{{route}} {{status}}")], 12),
        graph("Time to an answer", "As long as half, 95 and 99 of a hundred requests take at the most.", "s", times),
        graph("Slowest routes", "95th percentile, by route.", "s", [target(quantile(0.95, "http_request_duration_seconds", service, "route"), "{{route}}")]),
        graph("Turned away", "Requests per second answered 503 at once.", "reqps", [target(f"sum(rate(http_requests_shed_total{per(service)}[5m]))", "turned away")]),
        graph("Connections of clients", "Open at the moment, by instance.", "short", [target(f"http_connections{per(service)}", "{{instance}}")], 12),
        graph("Connections of clients closed", "Silent, slow or too many: per second, by reason.", "ops", [target(f"sum by (reason) (rate(http_connections_closed_total{per(service)}[5m]))", "{{reason}}")], 12),
    ]


def calls(service):
    outcomes = f"sum by (peer, outcome) (rate(peer_calls_total{per(service)}[5m]))"
    return [
        graph("Calls by outcome", "Calls to other services, per second.", "ops", [target(outcomes, "{{peer}}: {{outcome}}")], 12),
        graph("Time of calls", "95th percentile, by service called.", "s", [target(quantile(0.95, "peer_call_duration_seconds", service, "peer"), "{{peer}}")], 12),
    ]


def events(service):
    published = f"sum by (type) (rate(events_published_total{per(service)}[5m]))"
    refused = f"sum by (reason) (rate(events_publish_failures_total{per(service)}[5m]))"
    consumed = f"sum by (type, outcome) (rate(events_consumed_total{per(service)}[5m]))"
    queue = f'max by (queue) (rabbitmq_detailed_queue_messages_ready{{queue=~"{service}[.](events|dead)"}})'
    own_view = f"max by (queue) (bus_queue_messages{per(service)})"
    return [
        graph("Outbox: waiting", "Events the bus has not confirmed yet.", "short", [target(f"max(outbox_pending{per(service)})", "waiting")], 6),
        graph("Outbox: age of the oldest", "Since the oldest unconfirmed event was announced.", "s", [target(f"max(outbox_oldest_age_seconds{per(service)})", "oldest")], 6),
        graph("Confirmed by the bus", "Events per second, by type.", "ops", [target(published, "{{type}}")], 6, True),
        graph("Not confirmed", "Attempts to send that failed, per second.", "ops", [target(refused, "{{reason}}")], 6),
        graph("Acted on", "Attempts per second, by type and outcome.", "ops", [target(consumed, "{{type}}: {{outcome}}")], 6),
        graph("Delay", "95th percentile from announcement to effect, by type.", "s", [target(quantile(0.95, "event_delay_seconds", service, "type"), "{{type}}")], 6),
        graph("Time of one attempt", "95th percentile, by type.", "s", [target(quantile(0.95, "event_processing_duration_seconds", service, "type"), "{{type}}")], 6),
        graph("Its queues", "Messages ready, as the broker and as the service see them.", "short", [target(queue, "{{queue}} (broker)"), target(own_view, "{{queue}} (service)")], 6),
        graph("Waiting for another try", "Events that failed.", "short", [target(f"max(inbox_waiting{per(service)})", "waiting")], 8),
        graph("Age of the oldest that waits", "Since it arrived.", "s", [target(f"max(inbox_oldest_waiting_age_seconds{per(service)})", "oldest")]),
        graph("Most attempts", "Of the events that wait; after eight an event is a dead letter.", "short", [target(f"max(inbox_attempts_highest{per(service)})", "attempts")]),
    ]


def database(service):
    pool = [
        target(f"sum by (state) (database_pool_connections{per(service)})", "{{state}}"),
        target(f"sum(database_pool_connections_max{per(service)})", "allowed"),
    ]
    return [
        graph("Connections", "Of the pool, by state, and how many there may be.", "short", pool),
        graph("Time to begin", "Half and 99 of a hundred transactions begin within.", "s", [target(quantile(share, "database_transaction_begin_seconds", service), name) for share, name in [(0.5, "50 %"), (0.99, "99 %")]]),
        graph("Transactions not begun", "Per second: no connection became free in time.", "ops", [target(f"sum(rate(database_pool_timeouts_total{per(service)}[5m]))", "timed out")]),
        graph("Rows that were too old", "Deleted per second, by table.", "ops", [target(f"sum by (table) (rate(retention_deleted_rows_total{per(service)}[5m]))", "{{table}}")]),
    ]


def process(service):
    tasks = "sum by (task) (rate(task_runs_total" + per(service, 'outcome=~"failed|panicked"') + "[5m]))"
    sampled = f"time() - max(metrics_sampled_timestamp_seconds{per(service)})"
    dropped = f"sum by (reason) (rate(spans_dropped_total{per(service)}[5m]))"
    files = [target(f'process_open_fds{{job="{service}"}}', "open"), target(f'process_max_fds{{job="{service}"}}', "allowed")]
    return [
        graph("Processor", "Cores in use.", "short", [target(f'rate(process_cpu_seconds_total{{job="{service}"}}[5m])', "{{instance}}")], 6),
        graph("Memory", "Resident memory.", "bytes", [target(f'process_resident_memory_bytes{{job="{service}"}}', "{{instance}}")], 6),
        graph("Open files", "Descriptors, sockets among them, and how many there may be.", "short", files, 6),
        graph("Running since", "Time since the process started.", "s", [target(f'time() - process_start_time_seconds{{job="{service}"}}', "{{instance}}")], 6),
        graph("Timed work that failed", "Runs per second.", "ops", [target(tasks, "{{task}}")], 8),
        graph("Age of the figures", "Since what waits in the database was last counted.", "s", [target(sampled, "age")]),
        graph("Spans of traces", "Per second: taken by the collector, and dropped.", "ops", [target(f"sum(rate(spans_exported_total{per(service)}[5m]))", "taken"), target(dropped, "dropped: {{reason}}")]),
    ]


def gathered(service):
    """Doors that gather: what came while others were in work goes on together."""
    together = [
        target(f"sum by (work) (rate(batch_items_sum{per(service)}[5m])) / sum by (work) (rate(batch_items_count{per(service)}[5m]))", "{{work}}")
    ]
    times = [
        target(quantile(0.95, "batch_wait_seconds", service, "work"), "{{work}}: wait"),
        target(quantile(0.95, "batch_work_seconds", service, "work"), "{{work}}: work"),
    ]
    redone = f"sum by (work, how) (rate(batch_items_redone_total{per(service)}[5m]))"
    return [
        graph("Done together", "Items of one batch, on average.", "short", together),
        graph("Time of a batch", "95th percentile: until it begins, and until its answers.", "s", times),
        graph("Done again", "Items per second of batches that failed.", "ops", [target(redone, "{{work}}: {{how}}")]),
    ]


def order(service):
    cancelled = f"sum by (reason) (increase(orders_cancelled_total{per(service)}[1h]))"
    return [
        graph("Orders placed and paid", "Within the last hour.", "short", [target(f"sum(increase(orders_placed_total{per(service)}[1h]))", "placed"), target(f"sum(increase(orders_paid_total{per(service)}[1h]))", "paid")], 6),
        graph("Orders cancelled", "Within the last hour, by reason.", "short", [target(cancelled, "{{reason}}")], 6, True),
        graph("Orders that wait", "Pending: for their payment. Paid: to be shipped.", "short", [target(f"max by (status) (orders_in_status{per(service)})", "{{status}}")], 6),
        graph("Pending orders past their deadline", "How long the most overdue one is past it.", "s", [target(f"max(orders_overdue_seconds{per(service)})", "overdue")], 6),
        *gathered(service),
    ]


def product(service):
    outcomes = f"sum by (outcome) (rate(stock_reservations_total{per(service)}[5m]))"
    return [
        graph("Reservations", "Requests to reserve per second, by outcome.", "ops", [target(outcomes, "{{outcome}}")], 6),
        graph("Overtaken tries", "Per second: others changed the same stock; tried again at once.", "ops", [target(f"sum(rate(stock_reservations_overtaken_total{per(service)}[5m]))", "overtaken")], 6),
        graph("Reservations that hold stock", "For orders that are not paid yet.", "short", [target(f"max(reservations_held{per(service)})", "held")], 6),
        graph("Reservations past their time", "How long the most overdue one is past it.", "s", [target(f"max(reservations_overdue_seconds{per(service)})", "overdue")], 6),
        *gathered(service),
        graph("Products the search does not find yet", "Their words are still to be made.", "short", [target(f"max(products_without_words{per(service)})", "without words")]),
    ]


def payment(service):
    calls_made = f"sum by (call, outcome) (rate(provider_calls_total{per(service)}[5m]))"
    ages = [
        target(f"max by (status) (payments_oldest_age_seconds{per(service)})", "payment {{status}}"),
        target(f"max(refunds_oldest_age_seconds{per(service)})", "refund"),
    ]
    waiting = [
        target(f"max by (status) (payments_open{per(service)})", "payments {{status}}"),
        target(f"max(refunds_open{per(service)})", "refunds"),
    ]
    return [
        graph("Payments", "Payments that came to an outcome, within the last hour.", "short", [target(f"sum by (outcome) (increase(payments_total{per(service)}[1h]))", "{{outcome}}")], 12, True),
        graph("Calls to the provider", "Per second, by call and outcome.", "ops", [target(calls_made, "{{call}}: {{outcome}}")], 12),
        graph("Time of calls to the provider", "95th percentile, by call.", "s", [target(quantile(0.95, "provider_call_duration_seconds", service, "call"), "{{call}}")]),
        graph("Without an outcome", "Payments that are created or unknown, and refunds not carried out.", "short", [*waiting]),
        graph("Age of the oldest without an outcome", "Payments and refunds.", "s", ages),
    ]


def notify(service):
    return [
        graph("Mails", "Attempts per second, by outcome.", "ops", [target(f"sum by (outcome) (rate(mails_total{per(service)}[5m]))", "{{outcome}}")], 6),
        graph("Mails that wait", "Not sent yet.", "short", [target(f"max(mails_waiting{per(service)})", "waiting")], 6),
        graph("Age of the oldest mail", "Since it was asked for.", "s", [target(f"max(mails_oldest_age_seconds{per(service)})", "oldest")], 6),
        graph("Time of one attempt to send", "95th percentile.", "s", [target(quantile(0.95, "mail_attempt_duration_seconds", service), "95 %")], 6),
        number("Mails given up", "To be looked at by an operator.", "none", [target(f"max(mails_given_up{per(service)})", "given up", True)], 6, GREEN_TO_RED),
    ]


def user(service):
    return [
        graph("Registrations", "Within the last hour, whether their addresses were known or not.", "short", [target(f"sum(increase(registrations_total{per(service)}[1h]))", "registered")]),
        graph("Logins", "Per second, by outcome.", "ops", [target(f"sum by (outcome) (rate(logins_total{per(service)}[5m]))", "{{outcome}}")]),
        graph("Addresses confirmed", "Within the last hour.", "short", [target(f"sum(increase(addresses_verified_total{per(service)}[1h]))", "confirmed")]),
    ]


OWN = {
    "user-service": user,
    "product-service": product,
    "order-service": order,
    "payment-service": payment,
    "notify-service": notify,
}
