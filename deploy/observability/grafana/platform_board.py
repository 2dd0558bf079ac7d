"""The first look: is everything there, do requests and events flow, and if not, where do they stop?"""
from parts import board, graph, number, steps, target, truth

SHED = "sum by (service) (rate(http_requests_shed_total[5m]))"


def dashboard():
    return board(
        "ecom-platform",
        "Platform",
        "All services, the broker and the gateway at a glance. Each alert's runbook names the panel to look at.",
        [
            ("Is everything there?", there()),
            ("Requests", requests()),
            ("Events", events()),
            ("Databases", databases()),
            ("Broker", broker()),
            ("Gateway", gateway()),
            ("Processes and timed work", processes()),
        ],
        ["platform"],
    )


def there():
    firing = 'sum by (alertname) (ALERTS{alertstate="firing"})'
    return [
        truth("Services", "Who answers Prometheus.", [target('up{part=~"service|pages|gateway"}', "{{job}}", True)], 5),
        truth("Databases", "Which services reach their own database.", [target("min by (service) (database_up)", "{{service}}", True)], 5),
        truth("Broker, as services see it", "Which services have the bus, all their instances.", [target("min by (service) (bus_connected)", "{{service}}", True)], 5),
        truth("Relays", "Which services have an instance that sends their events.", [target("max by (service) (relay_leads)", "{{service}}", True)], 5),
        number("Alerts firing", "How many series of each alert fire now.", "none", [target(firing, "{{alertname}}", True)], 4, steps(("green", None), ("red", 1))),
    ]


def requests():
    return [
        graph("Requests", "Requests per second, without those of operators.", "reqps", [target("service:http_requests:rate5m", "{{service}}")], 6),
        graph("Failed requests", "Share of requests answered with 5xx.", "percentunit", [target("service:http_errors:ratio_rate5m", "{{service}}")], 6),
        graph("Slowest of a hundred", "99th percentile of the time to an answer.", "s", [target("service:http_request_duration_seconds:p99_5m", "{{service}}")], 6),
        graph("Turned away", "Requests per second answered 503 at once because too many were in work.", "reqps", [target(SHED, "{{service}}")], 6),
    ]


def events():
    depth = 'max by (queue) (rabbitmq_detailed_queue_messages_ready{queue=~".+-service[.](events|dead)"})'
    failed = 'sum by (service, type) (rate(events_consumed_total{outcome="failed"}[5m]))'
    return [
        graph("Outbox: waiting", "Events the bus has not confirmed yet.", "short", [target("max by (service) (outbox_pending)", "{{service}}")], 6),
        graph("Outbox: age of the oldest", "Since the oldest unconfirmed event was announced.", "s", [target("max by (service) (outbox_oldest_age_seconds)", "{{service}}")], 6),
        graph("Queues on the broker", "Messages ready; also of services that are stopped.", "short", [target(depth, "{{queue}}")], 6),
        graph("Delay of events", "95th percentile from announcement to effect.", "s", [target("service:event_delay_seconds:p95_5m", "{{service}}")], 6),
        graph("Events confirmed", "Per second, by type.", "ops", [target("sum by (type) (rate(events_published_total[5m]))", "{{type}}")], 6, True),
        graph("Failed attempts", "Attempts to act on an event that failed, per second.", "ops", [target(failed, "{{service}} {{type}}")], 6),
        graph("Waiting for another try", "Events that failed and are tried again.", "short", [target("max by (service) (inbox_waiting)", "{{service}}")], 6),
        number("Dead letters", "Events given up: somebody must decide.", "none", [target("max by (service) (inbox_dead)", "{{service}}", True)], 6, steps(("green", None), ("red", 1))),
    ]


def databases():
    busy = 'sum by (service) (database_pool_connections{state="busy"}) / sum by (service) (database_pool_connections_max)'
    begin = "histogram_quantile(0.99, sum by (service, le) (rate(database_transaction_begin_seconds_bucket[5m])))"
    return [
        graph("Pool in use", "Share of the connections a service may have that are busy.", "percentunit", [target(busy, "{{service}}")], 8, most=1),
        graph("Time to begin", "99th percentile of getting a connection and beginning a transaction.", "s", [target(begin, "{{service}}")]),
        graph("Transactions not begun", "Per second: no connection became free in time.", "ops", [target("sum by (service) (rate(database_pool_timeouts_total[5m]))", "{{service}}")]),
    ]


def broker():
    memory = [
        target("rabbitmq_process_resident_memory_bytes", "used"),
        target("rabbitmq_resident_memory_limit_bytes", "limit: publishers are blocked above it"),
    ]
    disk = [
        target("rabbitmq_disk_space_available_bytes", "free"),
        target("rabbitmq_disk_space_available_limit_bytes", "limit: publishers are blocked below it"),
    ]
    return [
        graph("RabbitMQ: messages", "Ready and handed out, over all queues.", "short", [target("sum(rabbitmq_queue_messages_ready)", "ready"), target("sum(rabbitmq_queue_messages_unacked)", "handed out")], 6),
        graph("RabbitMQ: connections", "Each instance of a service keeps two.", "short", [target("rabbitmq_connections", "connections")], 6),
        graph("RabbitMQ: memory", "Resident memory and its limit.", "bytes", memory, 6),
        graph("RabbitMQ: disk", "Free space and its limit.", "bytes", disk, 6),
    ]


def gateway():
    p99 = "histogram_quantile(0.99, sum by (service, le) (rate(traefik_service_request_duration_seconds_bucket[5m])))"
    return [
        graph("Traefik: requests", "Per second, by the service behind.", "reqps", [target("sum by (service) (rate(traefik_service_requests_total[5m]))", "{{service}}")]),
        graph("Traefik: failed", "Answers 5xx per second, by the service behind.", "reqps", [target('sum by (service) (rate(traefik_service_requests_total{code=~"5.."}[5m]))', "{{service}}")]),
        graph("Traefik: slowest of a hundred", "99th percentile, by the service behind.", "s", [target(p99, "{{service}}")]),
    ]


def processes():
    tasks = 'sum by (service, task) (rate(task_runs_total{outcome=~"failed|panicked"}[5m]))'
    return [
        graph("Processor", "Cores in use.", "short", [target('rate(process_cpu_seconds_total{part="service"}[5m])', "{{job}}")], 6),
        graph("Memory", "Resident memory.", "bytes", [target('process_resident_memory_bytes{part="service"}', "{{job}}")], 6),
        graph("Open files", "Descriptors, sockets among them.", "short", [target('process_open_fds{part="service"}', "{{job}}")], 6),
        graph("Timed work that failed", "Runs per second.", "ops", [target(tasks, "{{service}}: {{task}}")], 6),
    ]
