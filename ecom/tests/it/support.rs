//! A whole shop per test.

use contracts::{AccountId, ServiceName};
use ecom::platform::{Plan, Platform};
use http::Method;
use operate::reach::Reach;
use serde_json::{Value, json};
use service_kit::{
    Bus, Clock, Env, Kit,
    bus::{LocalBus, RabbitBus},
    http_server::{Connections, Limits},
    inbox, outbox,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread,
    time::Duration,
};
use tempfile::TempDir;
use test_kit::{Answer, Client, Signer, TestDatabase, until, wait_in_place};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long what a test set going may take to come to its end.
const TO_SETTLE: Duration = Duration::from_secs(10);

/// How events travel in a test.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Local,
    Rabbit,
}

pub struct Shop {
    folder: Arc<TempDir>,
    pub url: String,
    pub databases: BTreeMap<ServiceName, TestDatabase>,
    pub kits: BTreeMap<ServiceName, Kit>,
    pub services: BTreeMap<ServiceName, String>,
    pub provider_url: String,
    pub signer: Arc<Signer>,
    clock: Clock,
    stop: CancellationToken,
    /// Why something may be left queued.
    left_because: OnceLock<&'static str>,
}

impl Drop for Shop {
    /// A test leaves nothing queued; what is on its way gets the time to arrive.
    fn drop(&mut self) {
        let was_stopped = self.stop.is_cancelled();
        let stop = self.stop.clone().drop_guard();
        if was_stopped || self.left_because.get().is_some() || thread::panicking() {
            return;
        }
        let quiet = wait_in_place(tokio::time::timeout(TO_SETTLE, async {
            while !self.is_quiet().await {
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
        }));
        drop(stop);
        assert!(quiet.is_ok(), "the test leaves something queued: wait for it, or say why it may stay (leaves_queued)");
    }
}

impl Shop {
    pub async fn open(way: Way) -> Self {
        Self::open_with(way, &[]).await
    }

    /// With more variables.
    pub async fn open_with(way: Way, variables: &[(&str, &str)]) -> Self {
        Self::open_by(Clock::system(), way, variables).await
    }

    /// By a clock of the test's own.
    pub async fn open_by(clock: Clock, way: Way, variables: &[(&str, &str)]) -> Self {
        let databases = databases().await;
        let signer = Signer::trusted_by(&databases[&ServiceName::User]).await;
        for (service, database) in &databases {
            signer.be_its_own(database).await;
            if *service != ServiceName::User {
                signer.trust(database).await;
            }
        }
        let folder = tempfile::tempdir().unwrap();
        Self::start(way, variables, databases, Arc::new(signer), (Arc::new(folder), clock)).await
    }

    /// The same shop started again after it was closed, but with some databases in the place of its own.
    pub async fn again(&self, put_back: &BTreeMap<ServiceName, String>) -> Self {
        let databases = self.databases.iter().map(|(service, database)| {
            let url = put_back.get(service).map_or(database.url(), String::as_str);
            (*service, TestDatabase::at(*service, url))
        });
        let own = (Arc::clone(&self.folder), self.clock.clone());
        Self::start(Way::Local, &[], databases.collect(), Arc::clone(&self.signer), own).await
    }

    /// The same shop once more while it runs, on the same databases and by the same clock, as when new processes take
    /// the places of old ones. Its folder is its own, and so is its provider.
    pub async fn beside(&self) -> Self {
        let databases =
            self.databases.iter().map(|(service, database)| (*service, TestDatabase::at(*service, database.url())));
        let own = (Arc::new(tempfile::tempdir().unwrap()), self.clock.clone());
        Self::start(Way::Local, &[], databases.collect(), Arc::clone(&self.signer), own).await
    }

    /// Its provider alone, as long as nobody stops it.
    pub async fn provider(&self, stop: CancellationToken) -> String {
        start_provider(&self.folder.path().join("provider"), stop).await
    }

    async fn start(
        way: Way,
        variables: &[(&str, &str)],
        databases: BTreeMap<ServiceName, TestDatabase>,
        signer: Arc<Signer>,
        (folder, clock): (Arc<TempDir>, Clock),
    ) -> Self {
        let stop = CancellationToken::new();
        let provider_url = start_provider(&folder.path().join("provider"), stop.clone()).await;
        let mut listeners = BTreeMap::new();
        let mut services = BTreeMap::new();
        for service in ServiceName::ALL {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            services.insert(service, format!("http://{}", listener.local_addr().unwrap()));
            listeners.insert(service, listener);
        }
        let front_door = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", front_door.local_addr().unwrap());
        let plan = Plan {
            env: Env::of(
                [("BCRYPT_COST", "4"), ("MAILS_PER_CLIENT", "1000"), ("DATABASE_POOL", "6")]
                    .iter()
                    .chain(variables)
                    .copied(),
            )
            .with("ECOM_DATA", folder.path().display().to_string())
            .with("PROVIDER_DEADLINE", "1000"),
            databases: databases.iter().map(|(service, database)| (*service, database.work_url().to_owned())).collect(),
            owners: BTreeMap::new(),
            listeners,
            front_door,
            provider_url: provider_url.clone(),
            bus: bus(way),
            clock: clock.clone(),
        };
        let platform = Platform::build(plan).await.unwrap();
        let kits = platform.kits().clone();
        let running = platform.run(stop.clone());
        tokio::spawn(async move { running.await.unwrap() });
        let left_because = OnceLock::new();
        Self { folder, url, databases, kits, services, provider_url, signer, clock, stop, left_because }
    }

    /// The shop as the operator's commands reach it over the network.
    pub async fn reach(&self) -> Reach {
        let mut env = Env::of([("PROVIDER_URL", self.provider_url.as_str())]);
        for (service, database) in &self.databases {
            env = env.with(&format!("{}_DATABASE_URL", service.short().to_uppercase()), database.work_url());
        }
        Reach::find(&env).await.unwrap()
    }

    /// This test ends with something queued, and why that is right.
    pub fn leaves_queued(&self, why: &'static str) {
        // Said twice is as good.
        let _ = self.left_because.set(why);
    }

    /// As SIGTERM does.
    pub fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Nobody, through the front door.
    pub fn visitor(&self) -> Client {
        Client::new(&self.url)
    }

    /// A customer without an account's mails: enough to order.
    pub fn customer(&self) -> Client {
        self.visitor().with_token(self.signer.customer().1)
    }

    pub fn admin(&self) -> Client {
        self.visitor().with_token(self.signer.admin())
    }

    /// Puts a product on sale and gives its id.
    pub async fn sell(&self, sku: &str, price: i64, stock: i64) -> String {
        let category = json!({"name": "Tests"});
        self.admin().send(Method::PUT, "/api/categories/tests", Some(category)).await.assert_status(204);
        let product = json!({
            "sku": sku, "name": format!("The {sku}"), "description": "For a test.", "category": "tests",
            "price": {"amount": price, "currency": "EUR"}, "status": "active", "stock": stock,
        });
        let answer = self.admin().post("/api/products", product).await;
        answer.assert_status(201).text_at("/id")
    }

    pub async fn available(&self, product: &str) -> i64 {
        let answer = self.visitor().get(&format!("/api/products/{product}")).await;
        answer.assert_status(200).body["available"].as_i64().unwrap()
    }

    pub async fn available_of(&self, sku: &str) -> i64 {
        let answer = self.visitor().get(&format!("/api/products/by-sku/{sku}")).await;
        answer.assert_status(200).body["available"].as_i64().unwrap()
    }

    /// Waits until the order is settled and gives it.
    pub async fn settled_order(&self, id: &str) -> Value {
        until("the order to be settled", || async {
            let answer = self.admin().get(&format!("/api/orders/{id}")).await;
            (answer.body["status"] != "pending").then_some(answer.body)
        })
        .await
    }

    /// Waits until every event has had its effect at every subscriber and nothing waits; fails on a dead letter.
    pub async fn quiet(&self) {
        until("the shop to be quiet", || async { self.is_quiet().await.then_some(()) }).await;
    }

    /// One full pass. The inboxes are read first: what a reaction announced is in a log that is read later, so an event
    /// that is still on its way, in an outbox or with the broker, is missed in an inbox.
    async fn is_quiet(&self) -> bool {
        let mut inboxes = BTreeMap::new();
        for kit in self.kits.values() {
            let mut connection = kit.database.pool().acquire().await.unwrap();
            let (waiting, dead) = inbox::unsettled(&mut connection).await.unwrap();
            assert_eq!(dead, 0, "{} has dead letters", kit.service);
            if waiting > 0 {
                return false;
            }
            let done = sqlx::query_scalar::<_, Uuid>("SELECT event_id FROM inbox WHERE status = 'done'");
            let done: BTreeSet<Uuid> = done.fetch_all(&mut *connection).await.unwrap().into_iter().collect();
            inboxes.insert(kit.service, done);
        }
        for kit in self.kits.values() {
            let mut connection = kit.database.pool().acquire().await.unwrap();
            if outbox::depth(&mut connection).await.unwrap() > 0 {
                return false;
            }
            let log = sqlx::query_as::<_, (Uuid, String)>("SELECT event_id, type FROM event_log");
            for (id, kind) in log.fetch_all(&mut *connection).await.unwrap() {
                let subscribers = contracts::events::find(&kind).unwrap().subscribers;
                if !subscribers.iter().all(|subscriber| inboxes[subscriber].contains(&id)) {
                    return false;
                }
            }
        }
        true
    }

    /// What the provider really did.
    pub fn provider_log(&self) -> Vec<Value> {
        let log = fs::read_to_string(self.folder.path().join("provider").join(provider_sim::LOG_FILE)).unwrap();
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Ends all services and waits until the databases are left alone.
    pub async fn close(&self) {
        self.stop.cancel();
        for (service, database) in &self.databases {
            self.kits[service].database.close().await;
            database.pool().close().await;
        }
    }

    /// Where the mails are kept.
    pub fn mail_folder(&self) -> PathBuf {
        self.folder.path().join("mails")
    }

    /// The mails to one address, oldest first: subject and text.
    pub async fn mails(&self, address: &str) -> Vec<(String, String)> {
        let answer = self.visitor().get(&format!("/dev/mails.json?to={address}")).await;
        let mails = answer.assert_status(200).body.as_array().unwrap().clone();
        let text = |mail: &Value, field: &str| mail[field].as_str().unwrap().to_owned();
        mails.iter().rev().map(|mail| (text(mail, "subject"), text(mail, "text"))).collect()
    }

    pub async fn mail(&self, address: &str, subject: &str) -> String {
        until(subject, || async {
            let mails = self.mails(address).await;
            mails.into_iter().find(|(found, _)| found.contains(subject)).map(|(_, text)| text)
        })
        .await
    }

    /// Registers, confirms by mail and logs in, as a person would.
    pub async fn register(&self, address: &str) -> (AccountId, Client) {
        let person = json!({
            "first_name": "Ada", "last_name": "Lovelace", "email": address, "password": "correct horse",
            "address": "12 St James's Square", "phone": "+44 20 7946 0000",
        });
        let registered = self.visitor().post("/api/auth/register", person).await;
        let id = registered.assert_status(201).text_at("/user_id").parse().unwrap();
        let mail = self.mail(address, "Confirm").await;
        let (_, link) = mail.split_once("token=").unwrap();
        let token = link.split_whitespace().next().unwrap();
        let confirmed = json!({"token": token, "password": "correct horse"});
        self.visitor().post("/api/auth/verify-email", confirmed).await.assert_status(200);
        let login = json!({"email": address, "password": "correct horse"});
        let token = self.visitor().post("/api/auth/login", login).await.assert_status(200).text_at("/token");
        (id, self.visitor().with_token(token))
    }
}

async fn databases() -> BTreeMap<ServiceName, TestDatabase> {
    BTreeMap::from([
        (ServiceName::User, TestDatabase::new(ServiceName::User, &user_service::MIGRATIONS).await),
        (ServiceName::Product, TestDatabase::new(ServiceName::Product, &product_service::MIGRATIONS).await),
        (ServiceName::Order, TestDatabase::new(ServiceName::Order, &order_service::MIGRATIONS).await),
        (ServiceName::Payment, TestDatabase::new(ServiceName::Payment, &payment_service::MIGRATIONS).await),
        (ServiceName::Notify, TestDatabase::new(ServiceName::Notify, &notify_service::MIGRATIONS).await),
    ])
}

async fn start_provider(data: &Path, stop: CancellationToken) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let data = PathBuf::from(data);
    tokio::spawn(async move {
        provider_sim::run(listener, &data, Connections::new(Limits::default()), stop).await.unwrap();
    });
    url
}

fn bus(way: Way) -> Bus {
    match way {
        Way::Local => Bus::Local(LocalBus::new()),
        Way::Rabbit => {
            let hint = "TEST_AMQP_URL is not set: run the tests with `cargo xtask test`, or give a RabbitMQ";
            let url = Env::process().text("TEST_AMQP_URL").unwrap().expect(hint);
            // A namespace per test, so that they share one broker.
            Bus::Rabbit(RabbitBus::new(url.into(), &format!("test-{}", Uuid::new_v4().simple())))
        }
    }
}

/// Through the front door.
pub async fn order(customer: &Client, key: &str, method: &str, lines: &[(&str, i64)]) -> Answer {
    order_at(customer, "/api/orders", key, method, lines).await
}

pub async fn order_at(customer: &Client, path: &str, key: &str, method: &str, lines: &[(&str, i64)]) -> Answer {
    let lines: Vec<_> = lines.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
    let body = json!({
        "lines": lines, "payment_method": method,
        "shipping_address": {
            "name": "Ada Lovelace", "line1": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London",
            "country": "GB",
        },
    });
    customer.with_header("Idempotency-Key", key).post(path, body).await
}

pub fn key() -> String {
    Uuid::new_v4().to_string()
}
