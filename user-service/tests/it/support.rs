//! One user-service with everything around it that a test needs.

use contracts::{AccountId, EventId, ServiceName, events::EventData};
use serde_json::{Value, json};
use service_kit::{Bus, Clock, Env, auth::Role, bus::LocalBus};
use test_kit::{Answer, Client, Recorder, Running, Signer, TestDatabase, settings};
use time::Duration;
use user_service::{Config, MIGRATIONS, NewAdmin, build, create_admin};

pub const PASSWORD: &str = "correct horse";

pub struct Users {
    pub running: Running,
    pub database: TestDatabase,
    pub signer: Signer,
    pub recorder: Recorder,
    pub clock: Clock,
    /// Nobody in particular.
    pub visitor: Client,
}

impl Users {
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// With variables besides those of every test.
    pub async fn open_with(variables: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new(ServiceName::User, &MIGRATIONS).await;
        let signer = Signer::trusted_by(&database).await;
        Self::on(database, signer, variables).await
    }

    /// A service on a database that exists.
    pub async fn on(database: TestDatabase, signer: Signer, variables: &[(&str, &str)]) -> Self {
        let bus = LocalBus::new();
        let recorder = Recorder::attach(&bus, ServiceName::User);
        let clock = Clock::manual(Clock::system().now());
        let service = build(config(&database, variables), Bus::Local(bus), clock.clone()).await.unwrap();
        let running = Running::start(service).await;
        let visitor = running.client();
        Self { running, database, signer, recorder, clock, visitor }
    }

    pub async fn register(&self, email: &str) -> Answer {
        self.visitor.post("/auth/register", ada(email)).await
    }

    /// Registers a new address; gives the account and the token of the mailed link.
    pub async fn register_anew(&self, email: &str) -> (AccountId, String) {
        let id: AccountId = self.register(email).await.assert_status(201).text_at("/user_id").parse().unwrap();
        let event = self.recorder.wait_for(|event: &contracts::events::user::Registered| event.account_id == id).await;
        (id, self.link_token(id, event.id).await)
    }

    /// An account that can log in.
    pub async fn customer(&self, email: &str) -> AccountId {
        let (id, token) = self.register_anew(email).await;
        self.verify(&token).await.assert_status(200);
        id
    }

    /// notify-service, at the service's own time.
    pub fn notify(&self) -> Client {
        let now = self.clock.now().unix_timestamp();
        let (iss, aud) = (ServiceName::Notify, ServiceName::User);
        let claims = json!({"iss": iss, "aud": aud, "iat": now, "nbf": now, "exp": now + 60});
        self.visitor.with_token(self.signer.sign("service+jwt", &claims))
    }

    pub async fn link(&self, account: AccountId, event: EventId) -> Answer {
        let path = format!("/internal/accounts/{account}/verification-link");
        self.notify().post(&path, json!({ "event_id": event })).await
    }

    /// The token in the link that notify-service would mail for `event`.
    pub async fn link_token(&self, account: AccountId, event: EventId) -> String {
        let url = self.link(account, event).await.assert_status(200).text_at("/url");
        url.split_once("?token=").unwrap().1.to_owned()
    }

    pub async fn verify(&self, token: &str) -> Answer {
        self.visitor.post("/auth/verify-email", json!({ "token": token })).await
    }

    pub async fn resend(&self, email: &str) -> Answer {
        self.visitor.post("/auth/resend-verification", json!({ "email": email })).await
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        self.visitor.post("/auth/login", json!({ "email": email, "password": password })).await
    }

    /// A client with the token that this login gave.
    pub async fn logged_in(&self, email: &str) -> Client {
        self.visitor.with_token(self.login(email, PASSWORD).await.assert_status(200).text_at("/token"))
    }

    /// Staff, by a token that is valid at the service's own time.
    pub async fn login_as_staff(&self) -> Client {
        let new = NewAdmin {
            email: "staff@example.com".to_owned(),
            first_name: "Grace".to_owned(),
            last_name: "Hopper".to_owned(),
            password: PASSWORD.to_owned(),
        };
        create_admin(config(&self.database, &[]), new).await.unwrap();
        self.logged_in("staff@example.com").await
    }

    /// Somebody's token, signed by the key that is taken for user-service's.
    pub fn person(&self, id: AccountId, role: Role) -> Client {
        self.visitor.with_token(self.signer.person(id, role))
    }

    /// How many events of a type were ever announced.
    pub async fn announced<T: EventData>(&self) -> i64 {
        let query = sqlx::query_scalar("SELECT count(*) FROM event_log WHERE type = $1").bind(T::TYPE);
        query.fetch_one(self.database.pool()).await.unwrap()
    }

    pub async fn password_hash(&self, id: AccountId) -> String {
        let query = sqlx::query_scalar("SELECT password_hash FROM accounts WHERE id = $1").bind(id.uuid());
        query.fetch_one(self.database.pool()).await.unwrap()
    }

    pub fn advance(&self, hours: i64) {
        self.clock.advance(Duration::hours(hours));
    }
}

pub fn config(database: &TestDatabase, variables: &[(&str, &str)]) -> Config {
    // The least work: there is nothing to steal.
    let env = Env::of([("BCRYPT_COST", "4")]);
    let env = variables.iter().fold(env, |env, (name, value)| env.with(name, *value));
    Config::read(settings(ServiceName::User, database, &[]), &env).unwrap()
}

/// What a person sends to register.
pub fn ada(email: &str) -> Value {
    json!({"first_name": "Ada", "last_name": "Lovelace", "email": email, "password": PASSWORD})
}
