//! How the parts of a platform are connected: where each listens, the [`Proxy`] that every connection of a service goes
//! through (to its database, the broker, the provider, each other service), and the variables each is started with.

use super::{
    process::{Process, Recipe},
    proxy::Proxy,
    stack::StackOptions,
};
use contracts::ServiceName;
use dev_rabbitmq::free_port;
use service_kit::Env;
use std::{collections::BTreeMap, path::Path};

/// A connection of the platform that can be disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Link {
    /// From a service to its database.
    Database(ServiceName),
    /// From a service to RabbitMQ.
    Broker(ServiceName),
    /// From payment-service to the payment provider.
    Provider,
    /// From all other services to this one.
    Service(ServiceName),
}

impl Link {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let each = |kind: fn(ServiceName) -> Self| ServiceName::ALL.into_iter().map(kind);
        each(Self::Database).chain(each(Self::Broker)).chain(each(Self::Service)).chain([Self::Provider])
    }
}

/// Where everything really listens.
pub(super) struct Ports {
    pub(super) postgres: u16,
    pub(super) rabbitmq: u16,
    pub(super) processes: BTreeMap<Process, u16>,
}

impl Ports {
    pub(super) fn choose(rabbitmq: u16) -> anyhow::Result<Self> {
        let every = ServiceName::ALL.into_iter().map(Process::Service).chain([Process::Provider]);
        let processes = every.map(|process| Ok((process, free_port()?))).collect::<anyhow::Result<_>>()?;
        Ok(Self { postgres: free_port()?, rabbitmq, processes })
    }

    pub(super) async fn proxies(&self) -> anyhow::Result<BTreeMap<Link, Proxy>> {
        let mut proxies = BTreeMap::new();
        for link in Link::all() {
            let target = match link {
                Link::Database(_) => self.postgres,
                Link::Broker(_) => self.rabbitmq,
                Link::Provider => self.processes[&Process::Provider],
                Link::Service(name) => self.processes[&Process::Service(name)],
            };
            proxies.insert(link, Proxy::start(target).await?);
        }
        Ok(proxies)
    }

    pub(super) fn recipes(
        &self,
        options: &StackOptions,
        proxies: &BTreeMap<Link, Proxy>,
        folder: &Path,
    ) -> anyhow::Result<BTreeMap<Process, Recipe>> {
        let port = |link: Link| proxies[&link].port();
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
        set("OPEN_ORDERS_PER_CUSTOMER", "1000000".to_owned());
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
                Process::Service(name) => {
                    variables.insert("PORT".to_owned(), listen.to_string());
                    let database = postgres(port(Link::Database(*name)), name.database());
                    variables.insert("DATABASE_URL".to_owned(), database);
                    variables.insert("AMQP_URL".to_owned(), amqp(port(Link::Broker(*name))));
                    (vec!["service".to_owned(), name.short().to_owned()], "/readyz")
                }
                Process::Provider => {
                    variables.insert("PROVIDER_DATA".to_owned(), folder.join("provider").display().to_string());
                    variables.insert("PROVIDER_PORT".to_owned(), listen.to_string());
                    (vec!["provider-sim".to_owned()], "/livez")
                }
            };
            let ready = format!("{}{ready}", local(*listen));
            recipes.insert(*process, Recipe { arguments, variables, ready });
        }
        Ok(recipes)
    }
}

pub(super) fn local(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

pub(super) fn amqp(port: u16) -> String {
    format!("amqp://guest:guest@127.0.0.1:{port}")
}

pub(super) fn postgres(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}")
}
