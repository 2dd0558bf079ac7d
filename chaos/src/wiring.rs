//! How the parts of a platform are connected: where each listens, the [`Proxy`] that every connection of a service goes
//! through (to its database, the broker, the provider, each other service), and the variables each is started with.

use super::{
    process::{Process, Recipe, Replica},
    proxy::Proxy,
    stack_options::{StackOptions, Wires},
};
use contracts::ServiceName;
use dev_rabbitmq::free_port;
use service_kit::{
    Env,
    bus::{BrokerUser, RabbitBus},
};
use std::{collections::BTreeMap, path::Path};

/// A connection of the platform that can be disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Link {
    /// From one replica of a service to its database.
    Database(Replica),
    /// From one replica of a service to RabbitMQ.
    Broker(Replica),
    /// From payment-service to the payment provider.
    Provider,
    /// From all other services to this one: to each of its replicas in turn.
    Service(ServiceName),
}

impl Link {
    /// Those of a platform with so many replicas of each service.
    pub(crate) fn all(replicas: u8) -> impl Iterator<Item = Self> {
        let each = |kind: fn(Replica) -> Self| Replica::all(replicas).map(kind);
        let services = ServiceName::ALL.into_iter().map(Self::Service);
        each(Self::Database).chain(each(Self::Broker)).chain(services).chain([Self::Provider])
    }
}

/// Where everything really listens.
pub(super) struct Ports {
    pub(super) postgres: u16,
    pub(super) rabbitmq: u16,
    pub(super) processes: BTreeMap<Process, u16>,
}

impl Ports {
    pub(super) fn choose(rabbitmq: u16, replicas: u8) -> anyhow::Result<Self> {
        let every = Process::all(replicas).map(|process| Ok((process, free_port()?)));
        let processes = every.collect::<anyhow::Result<_>>()?;
        Ok(Self { postgres: free_port()?, rabbitmq, processes })
    }

    pub(super) async fn proxies(&self, replicas: u8) -> anyhow::Result<BTreeMap<Link, Proxy>> {
        let mut proxies = BTreeMap::new();
        for link in Link::all(replicas) {
            let targets = match link {
                Link::Database(_) => vec![self.postgres],
                Link::Broker(_) => vec![self.rabbitmq],
                Link::Provider => vec![self.processes[&Process::Provider]],
                Link::Service(name) => Replica::of(name, replicas).map(|one| self.processes[&one.into()]).collect(),
            };
            proxies.insert(link, Proxy::start(targets).await?);
        }
        Ok(proxies)
    }

    /// The other services, each at its replica of this number.
    fn peers(&self, number: u8) -> impl Iterator<Item = (String, String)> {
        ServiceName::ALL.into_iter().map(move |service| {
            let port = self.processes[&Replica { service, number }.into()];
            (format!("{}_SERVICE_URL", service.short().to_uppercase()), local(port))
        })
    }

    /// Where a link ends: at the first replica, where there are several.
    fn target(&self, link: Link) -> u16 {
        match link {
            Link::Database(_) => self.postgres,
            Link::Broker(_) => self.rabbitmq,
            Link::Provider => self.processes[&Process::Provider],
            Link::Service(name) => self.processes[&name.into()],
        }
    }

    pub(super) fn recipes(
        &self,
        options: &StackOptions,
        proxies: &BTreeMap<Link, Proxy>,
        folder: &Path,
    ) -> anyhow::Result<BTreeMap<Process, Recipe>> {
        let port = |link: Link| proxies.get(&link).map_or_else(|| self.target(link), Proxy::port);
        // Nothing of the caller's own surroundings: a DATABASE_URL there is not meant for this.
        let mut common = options.extra.clone();
        let own = Env::process();
        for name in ["PATH", "HOME", "TMPDIR"] {
            common.extend(own.text(name)?.map(|value| (name.to_owned(), value)));
        }
        let mut set = |name: &str, value: String| common.insert(name.to_owned(), value);
        let deadlines = options.deadlines;
        set("ECOM_DATA", folder.display().to_string());
        set("MAIL_FOLDER", folder.join("mails").display().to_string());
        set("PUBLIC_URL", "http://localhost:8080".to_owned());
        set("BCRYPT_COST", "4".to_owned());
        set("MAILS_PER_CLIENT", "1000000".to_owned());
        set("OPEN_ORDERS_PER_CUSTOMER", "1000000".to_owned());
        set("OPEN_PIECES_PER_CUSTOMER", "1000000000".to_owned());
        set("PAYMENT_DEADLINE", deadlines.payment.to_string());
        set("PAYMENT_GIVE_UP", deadlines.give_up.to_string());
        set("RESERVATION_TTL", deadlines.reservation.to_string());
        set("PROVIDER_DEADLINE", deadlines.provider.to_string());
        set("PROVIDER_URL", local(port(Link::Provider)));
        for peer in ServiceName::ALL {
            set(&format!("{}_SERVICE_URL", peer.short().to_uppercase()), local(port(Link::Service(peer))));
        }
        let mut recipes = BTreeMap::new();
        for (process, listen) in &self.processes {
            let mut variables = common.clone();
            let (arguments, ready) = match process {
                Process::Service(replica) => {
                    variables.insert("PORT".to_owned(), listen.to_string());
                    if options.wires != Wires::Proxied {
                        variables.extend(self.peers(replica.number));
                    }
                    // As in production it owns nothing there, and the tables are there before it comes.
                    let database = working(port(Link::Database(*replica)), replica.service);
                    variables.insert("MIGRATIONS".to_owned(), "off".to_owned());
                    // So that a session in the database tells whose it is.
                    let mut database = format!("{database}?application_name={replica}");
                    if options.wires == Wires::DirectBySocket {
                        database = format!("{database}&host={}", folder.join("postgres/socket").display());
                    }
                    variables.insert("DATABASE_URL".to_owned(), database);
                    variables
                        .insert("AMQP_URL".to_owned(), working_amqp(port(Link::Broker(*replica)), replica.service));
                    (vec!["service".to_owned(), replica.service.short().to_owned()], "/readyz")
                }
                Process::Provider => {
                    variables.insert("PROVIDER_DATA".to_owned(), folder.join("provider").display().to_string());
                    variables.insert("PROVIDER_PORT".to_owned(), listen.to_string());
                    (vec!["provider-sim".to_owned()], "/livez")
                }
            };
            let at = |path: &str| format!("{}{path}", local(*listen));
            recipes.insert(*process, Recipe { arguments, variables, ready: at(ready), metrics: at("/metrics") });
        }
        Ok(recipes)
    }
}

pub(super) fn local(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// The broker as a service comes there: with the rights it needs and no more.
fn working_amqp(port: u16, service: ServiceName) -> String {
    format!("amqp://{service}:{BROKER_PASSWORD}@127.0.0.1:{port}")
}

/// Nobody else reaches the broker of a fault run.
const BROKER_PASSWORD: &str = "secret";

/// The services' users at the broker and ours, as its definitions.
pub(super) fn broker_users() -> anyhow::Result<String> {
    let users: Vec<_> = ServiceName::ALL
        .into_iter()
        .map(|service| BrokerUser { service, name: service.to_string(), password: BROKER_PASSWORD.to_owned() })
        .collect();
    let told = RabbitBus::new(String::new().into(), "ecom").definitions("/", &users);
    let told = told.and_then(|told| told.and_administrator("/", "guest", "guest"));
    Ok(serde_json::to_string(&told.map_err(|_| anyhow::anyhow!("no randomness for a password's salt"))?)?)
}

/// The broker as an administrator.
pub(super) fn amqp(port: u16) -> String {
    format!("amqp://guest:guest@127.0.0.1:{port}")
}

/// A service's database, as whom it works.
pub(super) fn working(port: u16, service: ServiceName) -> String {
    format!("postgres://{}@127.0.0.1:{port}/{}", service.database_user(), service.database())
}

/// A database as who owns it.
pub(super) fn postgres(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}")
}
