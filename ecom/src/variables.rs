//! What the commands of `ecom` read besides what the services read. Each is read where it is used; docs/operations/variables.md
//! shows the list.

use service_kit::Variable;

pub const VARIABLES: &[Variable] = &[
    Variable::new(
        &["DATABASE_URL"],
        "`ecom up`",
        "none: it starts a PostgreSQL itself",
        "a server (15 to 18) on which it may make the five databases",
    ),
    Variable::new(
        &[
            "USER_DATABASE_URL",
            "PRODUCT_DATABASE_URL",
            "ORDER_DATABASE_URL",
            "PAYMENT_DATABASE_URL",
            "NOTIFY_DATABASE_URL",
        ],
        "`ecom`",
        "none",
        "one service's database; wins over `DATABASE_URL`. `ecom seed` wants product's, `ecom admin` user's, \
         `ecom migrate` all five or those of the services that are named",
    ),
    Variable::new(
        &[
            "USER_OWNER_DATABASE_URL",
            "PRODUCT_OWNER_DATABASE_URL",
            "ORDER_OWNER_DATABASE_URL",
            "PAYMENT_OWNER_DATABASE_URL",
            "NOTIFY_OWNER_DATABASE_URL",
        ],
        "`ecom migrate`, `ecom up`",
        "none",
        "one service's database by the user whom its tables belong to ([rights](rights.md))",
    ),
    Variable::new(
        &["USER_AMQP_URL", "PRODUCT_AMQP_URL", "ORDER_AMQP_URL", "PAYMENT_AMQP_URL", "NOTIFY_AMQP_URL"],
        "`ecom broker`",
        "none",
        "the broker as one service comes there, `amqp://order-service:password@host:5672`: the user is made, or gets this \
         password, and the rights it needs ([rights](rights.md))",
    ),
    Variable::new(
        &["RABBITMQ_MANAGEMENT_URL"],
        "`ecom broker`",
        "none",
        "`http://user:password@host:15672`: the broker's management plugin, as an administrator of it",
    ),
    Variable::new(
        &["ECOM_PORT_BASE"],
        "`ecom up`, `demo`, `healthcheck`",
        "8080",
        "the front door's port; the others follow it",
    ),
    Variable::new(
        &["ECOM_POSTGRES"],
        "`ecom up`",
        "installed, else bundled",
        "`installed` or `bundled`: whose programs a new cluster is made with",
    ),
    Variable::new(
        &["PROVIDER_PORT", "PROVIDER_DATA"],
        "`ecom provider-sim`",
        "8090, `provider` in `ECOM_DATA`",
        "its port and the folder of its log",
    ),
    Variable::new(
        &["USER"],
        "`ecom doctor --repair`, `replay`, `drop`, `restored`",
        "none",
        "under whose name `operator_log` keeps what was changed; `--as NAME` wins over it",
    ),
];
