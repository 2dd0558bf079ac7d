//! What a service's user may do at RabbitMQ: work at its own queues, announce its own events, and nothing else.

use crate::support::{amqp_url, created, namespace, order_id};
use contracts::{ServiceName, events};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{
        BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions, QueueBindOptions,
        QueueDeclareOptions, QueueDeleteOptions, QueuePurgeOptions,
    },
    types::FieldTable,
};
use service_kit::{
    Bus, Env,
    bus::{BrokerUser, RabbitBus},
};
use std::collections::BTreeMap;
use test_kit::{TestDatabase, event};
use url::Url;
use uuid::Uuid;

/// A broker whom the definitions were told, with one user for each service.
struct Told {
    namespace: String,
    urls: BTreeMap<ServiceName, String>,
}

impl Told {
    async fn new() -> Self {
        let database = TestDatabase::empty(ServiceName::Order).await;
        let told = Self { namespace: namespace(&database), urls: BTreeMap::new() };
        told.tell().await
    }

    async fn tell(self) -> Self {
        let users: Vec<_> = ServiceName::ALL
            .into_iter()
            .map(|service| {
                let name = format!("{}.{service}", self.namespace);
                BrokerUser { service, name, password: format!("{}/ü", Uuid::new_v4()) }
            })
            .collect();
        let bus = RabbitBus::new(String::new().into(), &self.namespace);
        let definitions = bus.definitions("/", &users).unwrap();
        let hint = "TEST_RABBITMQ_MANAGEMENT_URL is not set: run the tests with `cargo xtask test`";
        let management = Env::process().text("TEST_RABBITMQ_MANAGEMENT_URL").unwrap().expect(hint);
        let client = reqwest::Client::new();
        let answer = client.post(format!("{management}/api/definitions")).json(&definitions).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        let urls = users.into_iter().map(|user| {
            let mut url = Url::parse(&amqp_url()).unwrap();
            url.set_username(&user.name).unwrap();
            url.set_password(Some(&user.password)).unwrap();
            (user.service, url.to_string())
        });
        Self { urls: urls.collect(), ..self }
    }

    async fn channel(&self, service: ServiceName) -> Channel {
        let connection = Connection::connect(&self.urls[&service], ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        channel
    }

    fn bus(&self, service: ServiceName) -> Bus {
        Bus::Rabbit(RabbitBus::new(self.urls[&service].clone().into(), &self.namespace).announcing(service))
    }

    fn exchange(&self) -> String {
        format!("{}.events", self.namespace)
    }

    fn queue(&self, service: ServiceName) -> String {
        format!("{}.{service}.events", self.namespace)
    }

    async fn waiting(&self, service: ServiceName) -> u32 {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let channel = self.channel(service).await;
        channel.queue_declare(self.queue(service).into(), passive, FieldTable::default()).await.unwrap().message_count()
    }
}

/// A queue that is lacking: whoever else is bound would have the event, and its subscriber never.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_announced_before_every_subscriber_has_its_queue() {
    let told = Told::new().await;
    let administrator = Connection::connect(&amqp_url(), ConnectionProperties::default()).await.unwrap();
    let queue = told.queue(ServiceName::Notify);
    let channel = administrator.create_channel().await.unwrap();
    channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    let (bus, announced) = (told.bus(ServiceName::Order), [event(1, created(order_id()))]);
    let waits = bus.publish(&announced).await.remove(0).unwrap_err().to_string();
    assert!(waits.contains("ACCESS_REFUSED") && waits.contains("notify-service"), "{waits}");
    assert_eq!(told.waiting(ServiceName::Payment).await, 0);
    // Its service makes it, as does whoever tells the broker once more.
    let told = told.tell().await;
    let bus = told.bus(ServiceName::Order);
    assert!(bus.publish(&announced).await.remove(0).is_ok());
    assert_eq!((told.waiting(ServiceName::Payment).await, told.waiting(ServiceName::Notify).await), (1, 1));
}

fn refused<T>(answer: lapin::Result<T>, what: &str) {
    let Err(refused) = answer else { panic!("{what} was not refused") };
    assert!(refused.to_string().contains("ACCESS_REFUSED"), "{what}: {refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_announces_to_all_who_must_have_it_with_the_rights_it_has() {
    let told = Told::new().await;
    let announced = told.bus(ServiceName::Order).publish(&[event(1, created(order_id()))]).await;
    assert!(announced[0].is_ok(), "{announced:?}");
    for subscriber in events::find("order.created").unwrap().subscribers {
        assert_eq!(told.waiting(*subscriber).await, 1, "{subscriber}");
    }
    // Nobody announces what is another's.
    let announced = told.bus(ServiceName::Payment).publish(&[event(1, created(order_id()))]).await;
    assert!(announced[0].is_err());
    assert_eq!(told.waiting(ServiceName::Payment).await, 1);
    // To be told again loses nothing that waits.
    let told = told.tell().await;
    assert_eq!(told.waiting(ServiceName::Payment).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_binds_empties_or_takes_away_what_is_anothers() {
    let told = Told::new().await;
    let (own, other) = (told.queue(ServiceName::Payment), told.queue(ServiceName::Notify));
    let none = FieldTable::default;
    let channel = async || told.channel(ServiceName::Payment).await;
    let exchange = told.exchange();
    let (own, other, exchange) = (own.as_str(), other.as_str(), exchange.as_str());
    let at = channel().await;
    let consumed = at.basic_consume(other.into(), "x".into(), BasicConsumeOptions::default(), none()).await;
    refused(consumed, "reading another's queue");
    refused(channel().await.queue_purge(other.into(), QueuePurgeOptions::default()).await, "emptying it");
    refused(channel().await.queue_delete(other.into(), QueueDeleteOptions::default()).await, "deleting it");
    let deleted = channel().await.exchange_delete(exchange.into(), ExchangeDeleteOptions::default()).await;
    refused(deleted, "deleting the exchange");
    let declared = channel().await.queue_declare("another".into(), QueueDeclareOptions::default(), none()).await;
    refused(declared, "making a queue");
    // Somebody's registration, which tells their address, is none of its business.
    for key in ["user.registered", "#"] {
        let (at, options) = (channel().await, QueueBindOptions::default());
        let bound = at.queue_bind(own.into(), exchange.into(), key.into(), options, none()).await;
        refused(bound, "hearing of what is not for it");
    }
    let at = channel().await;
    let unbound = at.queue_unbind(other.into(), exchange.into(), "order.paid".into(), none()).await;
    refused(unbound, "taking from another what it must have");
    for (exchange, key) in [(exchange, "order.paid"), ("", other)] {
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
        let published = channel().await.basic_publish(exchange.into(), key.into(), options, b"{}", properties).await;
        let confirmed = match published {
            Ok(confirm) => confirm.await.map(drop),
            Err(cause) => Err(cause),
        };
        refused(confirmed, "announcing what is another's");
    }
}
