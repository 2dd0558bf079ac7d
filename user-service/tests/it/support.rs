//! One user-service with everything around it that a test needs.

use contracts::{
    AccountId, AccountRequestId, EventId, ServiceName,
    events::{EventData, user::VerificationRequested},
};
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
    pub bus: LocalBus,
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
        let service = build(config(&database, variables), Bus::Local(bus.clone()), clock.clone()).await.unwrap();
        let running = Running::start(service).await;
        let visitor = running.client();
        Self { running, database, signer, recorder, bus, clock, visitor }
    }

    pub async fn register(&self, email: &str) -> Answer {
        self.visitor.post("/auth/register", ada(email)).await
    }

    /// Registers; gives the registration and the token of the mailed link.
    pub async fn register_anew(&self, email: &str) -> (AccountId, String) {
        self.register_as(ada(email)).await
    }

    pub async fn register_as(&self, person: Value) -> (AccountId, String) {
        let answer = self.visitor.post("/auth/register", person).await;
        let id: AccountId = answer.assert_status(201).text_at("/user_id").parse().unwrap();
        (id, self.link_token(id, self.asked(id).await).await)
    }

    /// The event that asked for the mail of a registration, the newest of them.
    pub async fn asked(&self, registration: AccountId) -> EventId {
        self.recorder.wait_for(|event: &VerificationRequested| event.account_id == registration).await;
        let newest = "SELECT event_id FROM event_log WHERE subject = $1 AND type = 'user.verification_requested'
                      ORDER BY position DESC LIMIT 1";
        let query = sqlx::query_scalar::<_, uuid::Uuid>(newest).bind(registration.uuid());
        query.fetch_one(self.database.pool()).await.unwrap().into()
    }

    /// An account that can log in.
    pub async fn customer(&self, email: &str) -> AccountId {
        let (id, token) = self.register_anew(email).await;
        self.verify(&token).await.assert_status(200);
        id
    }

    /// The account, with the password that everybody here registers with.
    pub async fn verify(&self, token: &str) -> Answer {
        self.verify_with(token, PASSWORD).await
    }

    pub async fn verify_with(&self, token: &str, password: &str) -> Answer {
        self.visitor.post("/auth/verify-email", json!({ "token": token, "password": password })).await
    }

    /// notify-service, at the service's own time.
    pub fn notify(&self) -> Client {
        let now = self.clock.now().unix_timestamp();
        let (iss, aud) = (ServiceName::Notify, ServiceName::User);
        let claims = json!({"iss": iss, "aud": aud, "iat": now, "nbf": now, "exp": now + 60});
        self.visitor.with_token(self.signer.sign("service+jwt", &claims))
    }

    /// What notify-service learns for the mail that `event` asked for.
    pub async fn mail(&self, registration: AccountId, event: EventId) -> Answer {
        let path = format!("/internal/registrations/{registration}/mail");
        self.notify().post(&path, json!({ "event_id": event })).await
    }

    /// The token in the link that notify-service would mail for `event`.
    pub async fn link_token(&self, account: AccountId, event: EventId) -> String {
        let url = self.mail(account, event).await.assert_status(200).text_at("/link/url");
        url.split_once("?token=").unwrap().1.to_owned()
    }

    pub async fn resend(&self, email: &str) -> Answer {
        self.visitor.post("/auth/resend-verification", json!({ "email": email })).await
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        self.visitor.post("/auth/login", json!({ "email": email, "password": password })).await
    }

    /// The token in the mail that notify-service would send for what was asked for.
    pub async fn request_token(&self, request: AccountRequestId) -> String {
        let url = self.account_mail(request).await.assert_status(200).text_at("/link/url");
        url.split_once("?token=").unwrap().1.to_owned()
    }

    /// What notify-service learns for the mail of what was asked for.
    pub async fn account_mail(&self, request: AccountRequestId) -> Answer {
        self.notify().post(&format!("/internal/account-requests/{request}/mail"), json!(null)).await
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
    let env = Env::of([("BCRYPT_COST", "4"), ("MAILS_PER_CLIENT", "1000")]);
    let env = variables.iter().fold(env, |env, (name, value)| env.with(name, *value));
    let mut settings = settings(ServiceName::User, database, &[]);
    settings.vault = service_kit::Vault::read(&env, settings.environment).unwrap();
    if let Some((_, proxies)) = variables.iter().find(|(name, _)| *name == "TRUSTED_PROXIES") {
        settings.trusted_proxies = proxies.parse().unwrap();
    }
    if let Some((_, url)) = variables.iter().find(|(name, _)| *name == "PUBLIC_URL") {
        settings.public_url = url.parse().unwrap();
    }
    Config::read(settings, &env).unwrap()
}

/// What a person sends to register.
pub fn ada(email: &str) -> Value {
    json!({"first_name": "Ada", "last_name": "Lovelace", "email": email, "password": PASSWORD})
}

/// Why a service does not start.
pub async fn refused(database: &TestDatabase, variables: &[(&str, &str)]) -> String {
    let built = build(config(database, variables), Bus::Local(LocalBus::new()), Clock::system()).await;
    built.err().unwrap().to_string()
}
