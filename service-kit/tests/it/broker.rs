//! The broker as an operator sees it: raw access to a test's queues, and a proxy that can be cut.

use crate::support::{Sample, amqp_url, namespace};
use contracts::{EventId, ServiceName};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    message::BasicGetMessage,
    options::{
        BasicAckOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions,
        QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
    },
    types::FieldTable,
};
use service_kit::Bus;
use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use test_kit::{TestDatabase, until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::sync::CancellationToken;
use url::Url;

/// A connection beside the one under test.
pub struct Raw {
    connection: Connection,
    pub channel: Channel,
    namespace: String,
}

impl Raw {
    pub async fn connect(database: &TestDatabase) -> Self {
        let connection = Connection::connect(&amqp_url(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        Self { connection, channel, namespace: namespace(database) }
    }

    /// What is unacknowledged goes back, marked as delivered before.
    pub async fn close(self) {
        self.connection.close(200, "".into()).await.unwrap();
    }

    pub fn exchange(&self) -> String {
        format!("{}.events", self.namespace)
    }

    pub fn queue(&self, service: ServiceName, kind: &str) -> String {
        format!("{}.{service}.{kind}", self.namespace)
    }

    /// A fresh channel: the broker closes one after a refusal.
    pub async fn declare(&self, queue: &str, arguments: FieldTable) -> lapin::Result<()> {
        let channel = self.connection.create_channel().await?;
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(queue.into(), options, arguments).await.map(|_| ())
    }

    pub async fn bind(&self, queue: &str, kind: &str) {
        let options = QueueBindOptions::default();
        let bound =
            self.channel.queue_bind(queue.into(), self.exchange().into(), kind.into(), options, FieldTable::default());
        bound.await.unwrap();
    }

    /// Publishes any body, as a stranger could.
    pub async fn publish(&self, kind: &str, body: &[u8]) {
        self.send(&self.exchange(), kind, body).await;
    }

    /// Publishes a body with several events in it.
    pub async fn publish_batch(&self, kind: &str, body: &[u8]) {
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type(contracts::envelope::BATCH_CONTENT_TYPE.into());
        self.send_as(&self.exchange(), kind, body, properties).await;
    }

    /// Puts a body where the broker puts what it gives up.
    pub async fn publish_dead(&self, service: ServiceName, body: &[u8]) {
        self.send(&format!("{}.dead", self.namespace), service.as_str(), body).await;
    }

    async fn send(&self, exchange: &str, key: &str, body: &[u8]) {
        self.send_as(exchange, key, body, BasicProperties::default().with_delivery_mode(2)).await;
    }

    async fn send_as(&self, exchange: &str, key: &str, body: &[u8], properties: BasicProperties) {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sent = self.channel.basic_publish(exchange.into(), key.into(), options, body, properties).await;
        let confirmed = sent.unwrap().await.unwrap();
        assert!(confirmed.is_ack() && confirmed.take_message().is_none(), "no queue takes {key}");
    }

    pub async fn take(&self, queue: &str) -> Option<BasicGetMessage> {
        self.channel.basic_get(queue.into(), BasicGetOptions::default()).await.unwrap()
    }

    /// Waits for a message, takes it off the queue and gives the id of its event.
    pub async fn receive(&self, queue: &str) -> EventId {
        let message = until("a message in a queue", || self.take(queue)).await;
        message.delivery.acker.ack(BasicAckOptions::default()).await.unwrap();
        let id = message.delivery.properties.message_id().as_ref().unwrap();
        id.as_str().parse().unwrap()
    }

    /// Messages that no consumer has taken.
    pub async fn waiting(&self, queue: &str) -> u32 {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        self.channel.queue_declare(queue.into(), options, FieldTable::default()).await.unwrap().message_count()
    }

    pub async fn delete(&self, queue: &str) {
        self.channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
    }

    /// Removes all that a test made.
    pub async fn tidy(self) {
        for service in ServiceName::ALL {
            for kind in ["events", "dead"] {
                self.delete(&self.queue(service, kind)).await;
            }
        }
        for exchange in ["events", "dead"] {
            let name = format!("{}.{exchange}", self.namespace);
            self.channel.exchange_delete(name.as_str().into(), ExchangeDeleteOptions::default()).await.unwrap();
        }
        self.close().await;
    }
}

/// Ends a sample and leaves nothing on the broker.
pub async fn tidy(sample: Sample) {
    let (database, bus) = sample.stop().await;
    if let Bus::Rabbit(_) = bus {
        Raw::connect(&database).await.tidy().await;
    }
}

/// Stands between a service and a server, and can be cut.
pub struct Proxy {
    pub url: String,
    /// Breaks each connection there was since the last cut, in the order in which they came.
    cuts: Arc<Mutex<Vec<CancellationToken>>>,
    mute: Arc<Mutex<CancellationToken>>,
    away: Arc<AtomicBool>,
    /// Of each answer so many bytes are passed on, until it is raised.
    most: watch::Sender<usize>,
}

impl Proxy {
    /// A proxy of the server in `url`, whose own URL is the same but for the address.
    pub async fn of(url: &str) -> Self {
        let mut url = Url::parse(url).unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let (cuts, mute) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<CancellationToken>>::default());
        let (away, most) = (Arc::new(AtomicBool::new(false)), watch::Sender::new(usize::MAX));
        let (url, bound) = (url.into(), most.clone());
        let proxy = Self { url, cuts: Arc::clone(&cuts), mute: Arc::clone(&mute), away: Arc::clone(&away), most };
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (stop, address) = (CancellationToken::new(), server.clone());
                let (silence, most) = (mute.lock().unwrap().clone(), bound.subscribe());
                {
                    let mut cuts = cuts.lock().unwrap();
                    if away.load(Ordering::SeqCst) {
                        continue;
                    }
                    cuts.push(stop.clone());
                }
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(address).await.unwrap();
                    // Dropped in the middle: both sides see their connection break.
                    let copying = silence.run_until_cancelled(pass_on(&mut client, &mut server, most));
                    if let Some(None) = stop.run_until_cancelled(copying).await {
                        // Both sides stay open, and neither hears of the other.
                        stop.cancelled().await;
                    }
                });
            }
        });
        proxy
    }

    /// Breaks every connection that goes through it.
    pub fn cut(&self) {
        for connection in std::mem::take(&mut *self.cuts.lock().unwrap()) {
            connection.cancel();
        }
    }

    /// Breaks one of its connections, and refuses new ones, until [`Self::back`].
    pub fn cut_one(&self, index: usize) {
        let cuts = self.cuts.lock().unwrap();
        self.away.store(true, Ordering::SeqCst);
        cuts[index].cancel();
    }

    /// From now on every connection that goes through it is silent, as when a host vanishes without a word; new ones
    /// are not.
    pub fn mute(&self) {
        std::mem::take(&mut *self.mute.lock().unwrap()).cancel();
    }

    /// From now on an answer longer than so many bytes stops there, until [`Self::pass_all`].
    pub fn pass_at_most(&self, bytes: usize) {
        self.most.send_replace(bytes);
    }

    pub fn pass_all(&self) {
        self.most.send_replace(usize::MAX);
    }

    /// Breaks every connection and refuses new ones, until [`Self::back`].
    pub fn leave(&self) {
        self.away.store(true, Ordering::SeqCst);
        self.cut();
    }

    pub fn back(&self) {
        self.away.store(false, Ordering::SeqCst);
    }
}

/// Passes on what both say, until one of them ends; of an answer no more than `most` allows at the time.
async fn pass_on(client: &mut TcpStream, server: &mut TcpStream, mut most: watch::Receiver<usize>) -> io::Result<()> {
    let ((mut asks, mut hears), (mut answers, mut asked)) = (client.split(), server.split());
    let passed = AtomicUsize::new(0);
    let there = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = asks.read(&mut buffer).await?;
            passed.store(0, Ordering::SeqCst);
            asked.write_all(&buffer[..read]).await?;
            if read == 0 {
                return asked.shutdown().await;
            }
        }
    };
    let back = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = answers.read(&mut buffer).await?;
            let so_far = passed.fetch_add(read, Ordering::SeqCst) + read;
            most.wait_for(|most| so_far <= *most).await.map_err(io::Error::other)?;
            hears.write_all(&buffer[..read]).await?;
            if read == 0 {
                return hears.shutdown().await;
            }
        }
    };
    tokio::try_join!(there, back).map(|_| ())
}
