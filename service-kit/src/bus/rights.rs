//! What each service may do at the broker, as RabbitMQ's definitions, which a broker takes as a file, by its command line
//! or over HTTP (https://www.rabbitmq.com/docs/definitions). A service works at its own queues and announces its own
//! events: it reads nobody else's, and takes nothing away that is not its own.
//!
//! What a right is needed for: <https://www.rabbitmq.com/docs/access-control#authorisation>.

use super::rabbit::{DELIVERY_LIMIT, NO_DELIVERY_LIMIT, RabbitBus};
use crate::ambient;
use aws_lc_rs::{digest, error::Unspecified};
use base64::{Engine, engine::general_purpose::STANDARD};
use contracts::{
    ServiceName,
    events::{self, CATALOGUE, EventType},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A service's user at the broker.
pub struct BrokerUser {
    /// Whose it is.
    pub service: ServiceName,
    /// As what it logs in.
    pub name: String,
    /// And by what.
    pub password: String,
}

/// What a broker is told: all that the platform needs there, and who may do what with it. To be told twice changes
/// nothing; what others have at the same broker stays.
#[derive(Serialize)]
pub struct Definitions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vhosts: Vec<Value>,
    users: Vec<Value>,
    permissions: Vec<Value>,
    topic_permissions: Vec<Value>,
    exchanges: Vec<Value>,
    queues: Vec<Value>,
    bindings: Vec<Value>,
}

impl Definitions {
    /// The virtual host, and one more user, who may do everything: a broker that starts with definitions makes neither.
    ///
    /// # Errors
    /// The system gives no random bytes, for the salt of the password.
    pub fn and_administrator(mut self, vhost: &str, name: &str, password: &str) -> Result<Self, Unspecified> {
        self.vhosts.push(json!({ "name": vhost }));
        self.users.push(user(name, password, &["administrator"])?);
        self.permissions.push(json!({ "user": name, "vhost": vhost, "configure": ".*", "write": ".*", "read": ".*" }));
        Ok(self)
    }
}

impl RabbitBus {
    /// For these users, in one of the broker's virtual hosts.
    ///
    /// # Errors
    /// The system gives no random bytes, for the salt of a password.
    pub fn definitions(&self, vhost: &str, users: &[BrokerUser]) -> Result<Definitions, Unspecified> {
        let (exchange, dead_exchange) = (self.exchange(), self.dead_exchange());
        let made = |name: &str, kind: &str| {
            json!({
                "name": name, "vhost": vhost, "type": kind,
                "durable": true, "auto_delete": false, "internal": false, "arguments": {},
            })
        };
        let mut definitions = Definitions {
            vhosts: Vec::new(),
            users: Vec::new(),
            permissions: Vec::new(),
            topic_permissions: Vec::new(),
            exchanges: vec![made(exchange.as_str(), "topic"), made(dead_exchange.as_str(), "direct")],
            queues: Vec::new(),
            bindings: Vec::new(),
        };
        for service in subscribers() {
            let (queue, dead) = (self.queue(service, "events"), self.queue(service, "dead"));
            definitions.queues.push(json!({
                "name": queue.as_str(), "vhost": vhost, "durable": true, "auto_delete": false,
                "arguments": {
                    "x-queue-type": "quorum",
                    "x-delivery-limit": DELIVERY_LIMIT,
                    "x-dead-letter-exchange": dead_exchange.as_str(),
                    "x-dead-letter-routing-key": service.as_str(),
                    "x-dead-letter-strategy": "at-least-once",
                    "x-overflow": "reject-publish",
                },
            }));
            definitions.queues.push(json!({
                "name": dead.as_str(), "vhost": vhost, "durable": true, "auto_delete": false,
                "arguments": { "x-queue-type": "quorum", "x-delivery-limit": NO_DELIVERY_LIMIT },
            }));
            let bound = |source: &str, queue: &str, key: &str| {
                json!({
                    "source": source, "vhost": vhost, "destination": queue, "destination_type": "queue",
                    "routing_key": key, "arguments": {},
                })
            };
            definitions.bindings.push(bound(dead_exchange.as_str(), dead.as_str(), service.as_str()));
            for event in events::subscribed_by(service) {
                definitions.bindings.push(bound(exchange.as_str(), queue.as_str(), event.name));
            }
        }
        for user in users {
            let name = &user.name;
            definitions.users.push(self::user(name, &user.password, &[])?);
            let rights = self.rights(user.service);
            definitions.permissions.push(json!({
                "user": name, "vhost": vhost,
                "configure": rights.configure, "write": rights.write, "read": rights.read,
            }));
            definitions.topic_permissions.push(json!({
                "user": name, "vhost": vhost, "exchange": exchange.as_str(),
                "write": rights.announces, "read": rights.binds,
            }));
        }
        Ok(definitions)
    }

    fn rights(&self, service: ServiceName) -> Rights {
        let own = ["events", "dead"].map(|kind| self.queue(service, kind).to_string());
        let exchanges = [self.exchange().to_string(), self.dead_exchange().to_string()];
        let announced: BTreeSet<_> = names(CATALOGUE.iter().filter(|event| event.announced_by == service));
        let subscribed: BTreeSet<_> = names(events::subscribed_by(service));
        // Before it announces anything it sees to it that whoever must have it is bound to it: binding a queue is to write
        // to it. Nothing can be sent to the queue itself so, and nothing is read from it.
        let whose = CATALOGUE.iter().filter(|event| event.announced_by == service);
        let theirs: BTreeSet<_> = whose.flat_map(|event| event.subscribers).collect();
        let theirs = theirs.into_iter().map(|subscriber| self.queue(*subscriber, "events").to_string());
        Rights {
            configure: one_of(own.iter().cloned()),
            write: one_of(own.iter().chain(&exchanges).cloned().chain(theirs)),
            read: one_of(own.iter().chain(&exchanges).cloned()),
            binds: one_of(announced.union(&subscribed).map(|name| (*name).to_owned())),
            announces: one_of(announced.into_iter().map(str::to_owned)),
        }
    }
}

/// Regular expressions over names.
struct Rights {
    configure: String,
    write: String,
    read: String,
    announces: String,
    binds: String,
}

fn names(of: impl Iterator<Item = &'static EventType>) -> BTreeSet<&'static str> {
    of.map(|event| event.name).collect()
}

fn subscribers() -> impl Iterator<Item = ServiceName> {
    ServiceName::ALL.into_iter().filter(|service| events::subscribed_by(*service).next().is_some())
}

/// Exactly these names, which are of letters, digits, `-`, `_` and `.`.
fn one_of(names: impl IntoIterator<Item = String>) -> String {
    let names: BTreeSet<_> = names.into_iter().map(|name| name.replace('.', r"\.")).collect();
    format!("^({})$", Vec::from_iter(names).join("|"))
}

/// With the password as RabbitMQ keeps it (<https://www.rabbitmq.com/docs/passwords#computing-password-hash>).
fn user(name: &str, password: &str, tags: &[&str]) -> Result<Value, Unspecified> {
    let salt: [u8; 4] = ambient::random_bytes()?;
    let hash = digest::digest(&digest::SHA256, &[&salt, password.as_bytes()].concat());
    let hash = STANDARD.encode([&salt, hash.as_ref()].concat());
    let algorithm = "rabbit_password_hashing_sha256";
    Ok(json!({ "name": name, "password_hash": hash, "hashing_algorithm": algorithm, "tags": tags }))
}
