//! What an environment variable is to whoever sets it. docs/operations/variables.md shows the lists: [`KIT`] here, a
//! service's own beside its `Config`.

use crate::Vault;

/// One variable, or several that mean one thing together.
pub struct Variable {
    /// As they are set.
    pub names: &'static [&'static str],
    /// Who reads it, as people call the programs.
    pub readers: &'static str,
    /// What holds where it is not set; Markdown.
    pub default: &'static str,
    /// Markdown.
    pub meaning: &'static str,
}

impl Variable {
    /// See the fields.
    #[must_use]
    pub const fn new(
        names: &'static [&'static str],
        readers: &'static str,
        default: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self { names, readers, default, meaning }
    }
}

const LISTENERS: &str = "services, `web`, `ecom up`, `ecom provider-sim`";
const PROGRAMS: &str = "services, `web`, `ecom up`";

/// What the kit reads for every program that serves.
pub const KIT: &[Variable] = &[
    Variable::new(
        &["ECOM_ENV"],
        "all",
        "`development`",
        "or `production`, which refuses what is only good for development. The images set `production`, the Compose \
         file \
         `development` again",
    ),
    Variable::new(
        &["PORT"],
        "a service of its own, `web`",
        "8081 … 8085, 8086",
        "where it listens, on all addresses; 10000 more when it works beside a running `ecom up`",
    ),
    Variable::new(
        &["DATABASE_URL"],
        "services",
        "none",
        "`postgres://user:password@host:5432/order_db`: the service's own database; `?sslmode=` says whether the way \
         there is encrypted ([databases](databases.md))",
    ),
    Variable::new(
        &["OWNER_DATABASE_URL"],
        "services, `<service> migrate`",
        "none: the tables belong to the user of `DATABASE_URL`",
        "the same database by the user whom its tables belong to: it migrates, and lets the user of `DATABASE_URL` work with \
         them, who then owns nothing there ([rights](rights.md))",
    ),
    Variable::new(
        &["DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME"],
        "services",
        "–, 5432, `postgres`, –, `order_db` …",
        "the same in parts, as the original had them; used when `DATABASE_URL` is not set",
    ),
    Variable::new(
        &["PGSSLMODE"],
        "services, `ecom`",
        "none",
        "what `?sslmode=` says, for every URL of a database that does not say it ([databases](databases.md)); `prefer` counts \
         as not said",
    ),
    Variable::new(
        &["DATABASE_POOL"],
        "services",
        "10",
        "connections at the most, and four beside them: for the relay, for `/readyz`, for what is counted in the \
         database, and for jobs that look whether there is anything to do",
    ),
    Variable::new(
        &[Vault::VARIABLE],
        "services",
        "none; production needs it",
        "32 bytes in base64 (`openssl rand -base64 32`), by which each service seals the keys it keeps in its database: \
         a copy of the database alone signs nothing. The same for all instances of a service; without it what was sealed \
         cannot be opened, so keep it as safe as the backups, and apart from them",
    ),
    Variable::new(
        &["KEYS_ROTATE_DAYS"],
        "services",
        "90",
        "so many days a service signs with one key; the next is published a quarter of an hour before it signs, the one \
         before 20 minutes after. `ecom keys rotate` does it at once",
    ),
    Variable::new(
        &["MIGRATIONS"],
        "services, `ecom`",
        "`on`",
        "or `off`: the service never changes its tables; it waits, not ready, until they are its version's or newer. \
         `migrate` brings them there, whatever is set here ([migrations](migrations.md))",
    ),
    Variable::new(
        &["RETENTION"],
        "services",
        "`on`",
        "or `off`: nothing is deleted, however old it is ([databases](databases.md#growth))",
    ),
    Variable::new(
        &["RETENTION_IDEMPOTENCY_KEYS"],
        "services",
        "90",
        "days, from 90 on, for which the answers given under idempotency keys are kept",
    ),
    Variable::new(
        &["RETENTION_EVENTS"],
        "services",
        "90",
        "days, from 30 on, for which the event log and the inbox remember what is done",
    ),
    Variable::new(
        &["SHUTDOWN_DELAY"],
        "services, `web`",
        "0",
        "seconds, up to 300, for which everything is still served after SIGTERM, while `/readyz` says no and each answer \
         closes its connection ([stopping](starting.md#stop-without-losing-a-request))",
    ),
    Variable::new(
        &["MAX_IN_FLIGHT"],
        "services",
        "256",
        "requests in work at a time, per instance; the excess is answered 503 `overloaded` at once. `/livez`, \
         `/readyz`, \
         `/metrics` and the keys are outside of it",
    ),
    Variable::new(
        &["MAX_CONNECTIONS"],
        LISTENERS,
        "10,000, or 80 % of the descriptors if that is less",
        "connections at a time, over all listeners of the process",
    ),
    Variable::new(
        &["MAX_CONNECTIONS_PER_ADDRESS"],
        LISTENERS,
        "256",
        "of them, from one address (of IPv6: from one /64); not for this machine and `TRUSTED_PROXIES`",
    ),
    Variable::new(
        &["TRUSTED_PROXIES"],
        LISTENERS,
        "none; in Compose `172.16.0.0/12`",
        "addresses and networks with commas between them, whose word on where a request came from is taken: \
         `X-Forwarded-For`, else `Forwarded`; `X-Forwarded-Prefix` for `Location`. Whoever stands before the services \
         belongs here, or all clients have its address",
    ),
    Variable::new(
        &["CORS_ORIGINS"],
        "services, `ecom up`",
        "none",
        "origins with commas between them (`https://shop.example,http://localhost:3000`) whose pages may use the \
         public \
         API from a browser",
    ),
    Variable::new(
        &["AMQP_URL"],
        "services, `ecom up`",
        "`ecom up`: events stay in the process; a service of its own needs it",
        "`amqp://user:password@host:5672`, RabbitMQ 3.10 or later",
    ),
    Variable::new(
        &["EVENTS_PUBLISH"],
        "services, `ecom up`",
        "`subscribed`: what a service must have, and what is broadcast (`product.*`)",
        "or `all`: the rest as well, which otherwise stays in its announcer's event log (`stock.changed`, \
         `notification.*`). For programs of yours that listen to it ([events](../events.md#on-rabbitmq))",
    ),
    Variable::new(
        &["EVENTS_BATCH"],
        "services, `ecom up`",
        "`off`: each event is a message",
        "or `on`: what is due together and of one type goes in one message, which costs a fraction. Only where every \
         service that reads it is of this version or newer: an older one cannot read such a message \
         ([how to turn it on](../events.md#many-events-in-one-message))",
    ),
    Variable::new(
        &["USER_SERVICE_URL", "PRODUCT_SERVICE_URL", "ORDER_SERVICE_URL", "PAYMENT_SERVICE_URL", "NOTIFY_SERVICE_URL"],
        "services, `web`",
        "`http://127.0.0.1:8081` … `8085`",
        "where the services reach each other; user-service asks at its own what was revoked, whichever replica did it",
    ),
    Variable::new(
        &["CONSUL_HTTP_ADDR", "CONSUL_HTTP_TOKEN"],
        "services, `web`",
        "none",
        "a Consul agent, which is asked first, and its token. `ecom up` does not ask it",
    ),
    Variable::new(
        &["SERVICE_ADDRESS"],
        "services",
        "the address with which it reaches Consul",
        "the address it registers under",
    ),
    Variable::new(
        &["PUBLIC_URL"],
        PROGRAMS,
        "`http://localhost:8080`; none in production",
        "where people reach the platform: the start of links in mails; `https://` in production",
    ),
    Variable::new(
        &["SHOP_NAME"],
        "notify, `web`, `ecom up`",
        "`Ecom-Micro`; in mails the name in `MAIL_FROM`",
        "what people know the shop by, on its pages and in its mails: 1 to 60 characters on one line",
    ),
    Variable::new(
        &["PLAINTEXT_ALLOWED"],
        PROGRAMS,
        "none",
        "production: which of `PUBLIC_URL`, `SMTP_URL`, `PROVIDER_URL`, `PICTURES_URL` may name an unencrypted way, separated \
         by commas",
    ),
    Variable::new(
        &["FLOW"],
        PROGRAMS,
        "`on`; in production `off`",
        "whether `/flow` is there, and its routes on the services' own ports",
    ),
    Variable::new(
        &["OTEL_EXPORTER_OTLP_ENDPOINT"],
        PROGRAMS,
        "none: nothing is recorded",
        "a collector's OTLP over HTTP, `http://host:4318`",
    ),
    Variable::new(
        &["OTEL_EXPORTER_OTLP_HEADERS"],
        PROGRAMS,
        "none",
        "sent along, `name=value,…` with percent-encoded values: a collector's key",
    ),
    Variable::new(
        &["OTEL_TRACES_SAMPLER"],
        PROGRAMS,
        "`parentbased_always_on`",
        "or `always_on`, `always_off`, `traceidratio`, `parentbased_always_off`, `parentbased_traceidratio`",
    ),
    Variable::new(&["OTEL_TRACES_SAMPLER_ARG"], PROGRAMS, "1", "the share of all traces, 0 to 1"),
    Variable::new(
        &["OTEL_BSP_SCHEDULE_DELAY"],
        PROGRAMS,
        "5000",
        "milliseconds that finished spans wait to be sent together",
    ),
    Variable::new(&["OTEL_SDK_DISABLED"], PROGRAMS, "`false`", "`true` records nothing, whatever else is set"),
    Variable::new(
        &["RUST_LOG"],
        "all",
        "services and `ecom up` in production `info` (libraries `warn`), `ecom up` in development `warn`",
        "levels by target: `info,order_service=debug`. Filters by span fields are not understood. lapin's own words \
         about \
         a broken connection, which ours tell, are heard when it names `lapin`",
    ),
    Variable::new(
        &["LOG_FORMAT"],
        "all",
        "`text` on a terminal, `ecs` elsewhere",
        "`ecs`: one JSON object a line; `text`: for people",
    ),
    Variable::new(
        &["ECOM_DATA"],
        "`ecom`, a service beside it",
        "`./.ecom`",
        "the data folder; a service looks for `.ecom` in the folders above too",
    ),
];
