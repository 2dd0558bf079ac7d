//! RabbitMQ (3.10 and later): a durable topic exchange, one quorum queue per service, publisher confirms.
//!
//! The connection is ours to lose and to make again: each side (publishing, consuming) runs its own reconnect loop and
//! declares the topology again. lapin's recovery is not used.

use super::{PublishError, heartbeat, looker::Looker, message::Message, parcel::Parcel};
use crate::cure;
use contracts::{ServiceName, events};
use lapin::{
    Channel, Connection, ConnectionProperties, ExchangeKind, PublisherConfirm,
    options::{
        BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable, LongString, ShortString},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

/// The backstop for a message that kills its consumer again and again.
pub(super) const DELIVERY_LIMIT: i64 = 20;
/// RabbitMQ 4 gives up a quorum queue's message after 20 deliveries unless told otherwise. From the last queue there is
/// no way out but the inbox.
pub(super) const NO_DELIVERY_LIMIT: i64 = 1_000_000_000;
/// A broker that is there but does not answer is given up after this.
const DEADLINE: Duration = Duration::from_secs(10);

/// A service's connections to RabbitMQ; made when they are needed, and again when they break.
#[derive(Clone)]
pub struct RabbitBus {
    url: Arc<SecretString>,
    /// `ecom` for the platform; tests give each its own, so that they share one broker.
    namespace: Arc<str>,
    /// Whose events go out; everybody's where one process is all services.
    announces: Option<ServiceName>,
    publisher: Arc<Mutex<Option<Publisher>>>,
    /// What each side found when it last looked: one that is there must not speak for the other.
    publishing: Arc<AtomicBool>,
    pub(super) consuming: Arc<AtomicBool>,
    /// For looks at the queues; made when it is first needed.
    pub(super) looker: Arc<Mutex<Option<Looker>>>,
}

struct Publisher {
    connection: Connection,
    channel: Channel,
}

impl Publisher {
    fn is_alive(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }
}

impl RabbitBus {
    /// `namespace` goes before the names of exchange and queues, so that several platforms can share a broker.
    #[must_use]
    pub fn new(url: SecretString, namespace: &str) -> Self {
        Self {
            url: Arc::new(url),
            namespace: namespace.into(),
            announces: None,
            publisher: Arc::default(),
            publishing: Arc::default(),
            consuming: Arc::default(),
            looker: Arc::default(),
        }
    }

    /// For a process of one service, which needs no more rights at the broker than that.
    #[must_use]
    pub fn announcing(self, service: ServiceName) -> Self {
        Self { announces: Some(service), ..self }
    }

    /// Whether what this instance needs is there, as far as each side knows: who stands by never publishes.
    pub(super) fn connected(&self, leads: bool) -> bool {
        self.consuming.load(Ordering::Relaxed) && (!leads || self.publishing.load(Ordering::Relaxed))
    }

    /// One publisher for all services of a process; what each knows of its connections is its own.
    pub(super) fn of_one_service(self) -> Self {
        Self { publishing: Arc::default(), consuming: Arc::default(), ..self }
    }

    pub(super) fn exchange(&self) -> ShortString {
        format!("{}.events", self.namespace).into()
    }

    pub(super) fn dead_exchange(&self) -> ShortString {
        format!("{}.dead", self.namespace).into()
    }

    /// `order-service.events`; tests' queues carry their namespace.
    pub(super) fn queue(&self, service: ServiceName, kind: &str) -> ShortString {
        match &*self.namespace {
            "ecom" => format!("{service}.{kind}").into(),
            namespace => format!("{namespace}.{service}.{kind}").into(),
        }
    }

    pub(super) async fn connect(&self, purpose: &str, heartbeat: u16) -> lapin::Result<Connection> {
        let properties = ConnectionProperties::default().with_connection_name(LongString::from(purpose));
        let mut uri: lapin::uri::AMQPUri = self.url.expose_secret().parse().map_err(|cause: String| {
            lapin::Error::from(std::io::Error::new(std::io::ErrorKind::InvalidInput, cause))
        })?;
        uri.query.heartbeat.get_or_insert(heartbeat);
        uri.query.connection_timeout.get_or_insert(5_000);
        // lapin keeps room for 32 frames each way, on both of our connections: 16 MiB of it with the broker's 128 KiB. An
        // event is some hundred bytes; what is larger goes in several frames.
        uri.query.frame_max.get_or_insert(16 * 1024);
        Connection::connect_uri(uri, properties).await
    }

    pub(super) async fn reach(&self) -> Result<(), PublishError> {
        let mut publisher = self.publisher.lock().await;
        let opened = self.opened(&mut publisher).await.map(drop);
        opened.map_err(|cause| {
            self.publishing.store(false, Ordering::Relaxed);
            PublishError::Broker(cause.to_string())
        })
    }

    /// `together`: several events of one type to a message.
    pub(super) async fn publish(&self, batch: &[Parcel], together: bool) -> Vec<Result<(), PublishError>> {
        let mut publisher = self.publisher.lock().await;
        let answers = self.publish_on(&mut publisher, batch, together).await;
        match answers {
            Ok(answers) => answers,
            Err(cause) => {
                // Whatever was in flight is unknown: all of it is sent again, over a new connection.
                discard(publisher.take());
                self.publishing.store(false, Ordering::Relaxed);
                batch.iter().map(|_| Err(PublishError::Broker(cause.to_string()))).collect()
            }
        }
    }

    async fn publish_on(
        &self,
        publisher: &mut Option<Publisher>,
        batch: &[Parcel],
        together: bool,
    ) -> lapin::Result<Vec<Result<(), PublishError>>> {
        let channel = self.opened(publisher).await?;
        let messages = Message::of(batch, together);
        let mut confirms = Vec::with_capacity(messages.len());
        for message in &messages {
            let mandatory = must_arrive(&message.kind);
            let options = BasicPublishOptions { mandatory, ..BasicPublishOptions::default() };
            let (body, properties) = (message.body(batch), message.properties(batch));
            let routing_key = message.kind.as_str().into();
            let sent = channel.basic_publish(self.exchange(), routing_key, options, body.as_bytes(), properties);
            confirms.push(in_time(sent).await?);
        }
        let answers = confirmed(&messages, confirms).await?;
        // What was said of a message holds for all events in it.
        let mut placed: Vec<_> = batch.iter().map(|_| Ok(())).collect();
        for (message, answer) in messages.iter().zip(answers) {
            for place in &message.places {
                placed[*place] = answer.clone();
            }
        }
        Ok(placed)
    }

    async fn opened<'a>(&self, publisher: &'a mut Option<Publisher>) -> lapin::Result<&'a Channel> {
        // The relay reaches again and again, also with nothing to send: a publish is not what finds out.
        discard(publisher.take_if(|kept| !kept.is_alive()));
        let ready = match publisher {
            Some(ready) => ready,
            None => publisher.insert(in_time(self.open_publisher()).await?),
        };
        self.publishing.store(true, Ordering::Relaxed);
        Ok(&ready.channel)
    }

    async fn open_publisher(&self) -> lapin::Result<Publisher> {
        let connection = self.connect("relay", heartbeat::SELDOM).await?;
        self.declare_exchanges(&connection).await?;
        self.declare_subscribers(&connection).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Publisher { connection, channel })
    }

    /// Sees to it that every subscriber's queue is there and bound before anything is published: the broker returns an
    /// event that reaches no queue, but not one that reaches the queue of one subscriber while another has never started.
    async fn declare_subscribers(&self, connection: &Connection) -> lapin::Result<()> {
        for service in ServiceName::ALL {
            let announces = |by| self.announces.is_none_or(|own| own == by);
            let subscribed = || events::subscribed_by(service);
            let types: Vec<_> =
                subscribed().filter(|event| announces(event.announced_by)).map(|one| one.name).collect();
            if types.is_empty() {
                continue;
            }
            // Whether it is there may everybody ask; making it wants a right that the others need not have.
            let channel = connection.create_channel().await?;
            let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
            let asked = channel.queue_declare(self.queue(service, "events"), passive, FieldTable::default()).await;
            let channel = match asked {
                Ok(_) => {
                    self.bind(&channel, service, &types).await?;
                    channel
                }
                // Which has closed the channel.
                Err(_) => {
                    let channel = connection.create_channel().await?;
                    let all: Vec<_> = subscribed().map(|event| event.name).collect();
                    self.declare_queues(&channel, service, &all).await?;
                    channel
                }
            };
            channel.close(200, "".into()).await?;
        }
        Ok(())
    }

    /// The two exchanges, unless they are there, which everybody may ask.
    pub(super) async fn declare_exchanges(&self, connection: &Connection) -> lapin::Result<()> {
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let passive = ExchangeDeclareOptions { passive: true, ..durable };
        for (name, kind) in [(self.exchange(), ExchangeKind::Topic), (self.dead_exchange(), ExchangeKind::Direct)] {
            let channel = connection.create_channel().await?;
            let asked = channel.exchange_declare(name.clone(), kind.clone(), passive, FieldTable::default()).await;
            if asked.is_ok() {
                channel.close(200, "".into()).await?;
                continue;
            }
            let channel = connection.create_channel().await?;
            channel.exchange_declare(name, kind, durable, FieldTable::default()).await?;
            channel.close(200, "".into()).await?;
        }
        Ok(())
    }

    /// Declares the service's queue with its bindings, and the queue that catches what the broker gives up.
    pub(super) async fn declare_queues(
        &self,
        channel: &Channel,
        service: ServiceName,
        types: &[&str],
    ) -> lapin::Result<()> {
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let (queue, dead) = (self.queue(service, "events"), self.queue(service, "dead"));
        let dead_key: ShortString = service.as_str().into();

        channel.queue_declare(dead.clone(), durable, quorum(NO_DELIVERY_LIMIT)).await?;
        let bind = QueueBindOptions::default();
        channel.queue_bind(dead, self.dead_exchange(), dead_key.clone(), bind, FieldTable::default()).await?;

        let text = |value: &str| AMQPValue::LongString(value.into());
        let mut arguments = quorum(DELIVERY_LIMIT);
        arguments.insert("x-dead-letter-exchange".into(), text(self.dead_exchange().as_str()));
        arguments.insert("x-dead-letter-routing-key".into(), text(dead_key.as_str()));
        // A dead letter is at-most-once unless the queue says both of these.
        arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
        arguments.insert("x-overflow".into(), text("reject-publish"));
        channel.queue_declare(queue, durable, arguments).await?;
        self.bind(channel, service, types).await
    }

    async fn bind(&self, channel: &Channel, service: ServiceName, types: &[&str]) -> lapin::Result<()> {
        for kind in types {
            let (queue, key) = (self.queue(service, "events"), ShortString::from(*kind));
            let bind = QueueBindOptions::default();
            channel.queue_bind(queue, self.exchange(), key, bind, FieldTable::default()).await?;
        }
        Ok(())
    }
}

/// Whether an event of this type has to reach a queue: unless told so, the broker confirms what it has thrown away.
#[cure(mandatory, instead = crate::labs::mistakes::need_not_arrive)]
fn must_arrive(kind: &str) -> bool {
    events::find(kind).is_some_and(|known| !known.subscribers.is_empty())
}

/// Waits for the broker's word on each message: what is written to a socket has not arrived anywhere.
#[cure(await_confirms, instead = crate::labs::mistakes::written_is_confirmed)]
async fn confirmed(
    messages: &[Message],
    confirms: Vec<PublisherConfirm>,
) -> lapin::Result<Vec<Result<(), PublishError>>> {
    let (mut acknowledged, mut returned) = (Vec::with_capacity(messages.len()), HashSet::new());
    for confirm in confirms {
        let confirmation = in_time(confirm).await?;
        acknowledged.push(confirmation.is_ack());
        // Confirmed *and* returned: it reached no queue. lapin hangs a returned message on whichever confirm comes next,
        // so it is its id that tells which one it was.
        let message = confirmation.take_message();
        returned.extend(message.and_then(|message| message.delivery.properties.message_id().clone()));
    }
    let answers = messages.iter().zip(acknowledged).map(|(message, acknowledged)| {
        if returned.contains(message.id.as_str()) {
            return Err(PublishError::NoQueue { kind: message.kind.clone() });
        }
        if acknowledged { Ok(()) } else { Err(PublishError::Refused) }
    });
    Ok(answers.collect())
}

/// Ends a publisher's connection, which perhaps is broken; nobody waits for that.
fn discard(publisher: Option<Publisher>) {
    if let Some(Publisher { connection, .. }) = publisher {
        tokio::spawn(async move { in_time(connection.close(200, "".into())).await });
    }
}

/// Bounds what lapin does not: it notices a silent broker only once the connection is made.
pub(super) async fn in_time<T>(work: impl Future<Output = lapin::Result<T>>) -> lapin::Result<T> {
    let silent = |_| Err(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer within 10 s").into());
    tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(silent)
}

pub(super) fn ended(why: &'static str) -> lapin::Error {
    std::io::Error::other(why).into()
}

fn quorum(delivery_limit: i64) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(delivery_limit));
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    arguments
}
