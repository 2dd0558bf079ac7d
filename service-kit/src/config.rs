//! Configuration by environment: the same names everywhere, each also as `NAME_FILE`. A wrong value is refused at
//! start by name, with what was expected.

pub use crate::client_address::trusted_proxies;

use crate::{
    Vault,
    client_address::TrustedProxies,
    cors::Origins,
    discovery::{self, ConsulSettings},
    env::{ConfigError, Env, Environment, literal},
    http_server,
    keeping::Keeping,
    spans,
};
use contracts::{
    ServiceName,
    events::{self, EventType},
};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use std::{collections::BTreeMap, net::Ipv4Addr, num::NonZeroU16, str::FromStr, time::Duration};
use url::{Host, Url};

/// Names the owner of the tables where that is somebody else than the user who works with them.
pub(crate) const OWNER: &str = "OWNER_DATABASE_URL";

const DEFAULT_IN_FLIGHT: NonZeroU16 = NonZeroU16::new(256).unwrap();

/// What all five services are told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which service it is.
    pub service: ServiceName,
    /// Where it runs.
    pub environment: Environment,
    /// Where it listens for everybody.
    pub port: u16,
    /// Its own database, with the password.
    pub database_url: SecretString,
    /// The variable it came from, for what is said about it.
    pub database_variable: String,
    /// Whom its tables belong to, where that is not who works with them.
    pub database_owner: Option<SecretString>,
    /// Connections kept to the database at the most.
    pub database_pool: u32,
    /// Seals what it keeps to sign by.
    pub vault: Vault,
    /// How long it signs with one key.
    pub keys_rotate: time::Duration,
    /// Who brings its tables up to date.
    pub migrations: Migrations,
    /// Requests worked on at a time; the rest are told to come again.
    pub max_in_flight: NonZeroU16,
    /// Whose word on a client's address is taken.
    pub trusted_proxies: TrustedProxies,
    /// Whose pages may use the API from a browser.
    pub origins: Origins,
    /// How long it still serves after it was told to end.
    pub shutdown_delay: Duration,
    /// What the service's listener bounds.
    pub connections: http_server::Limits,
    /// Which events leave the event log.
    pub publish: Publish,
    /// Whether one message of the broker may hold several events.
    pub together: bool,
    /// RabbitMQ; none for the local bus.
    pub amqp_url: Option<SecretString>,
    /// Where the five services are reached.
    pub peers: BTreeMap<ServiceName, Url>,
    /// Who knows better where they are; none without Consul.
    pub consul: Option<ConsulSettings>,
    /// Where people reach the platform: the start of every link in a mail.
    pub public_url: Url,
    /// How long what may be deleted is kept.
    pub retention: Keeping,
    /// Whether the service keeps and shows what `/flow` is made of.
    pub flow: bool,
    /// Where spans go, and how many.
    pub traces: spans::Settings,
}

impl Settings {
    /// # Errors
    /// A variable is missing or wrong.
    pub fn read(env: &Env, service: ServiceName) -> Result<Self, ConfigError> {
        let environment = environment(env)?;
        let amqp_url = env.text("AMQP_URL")?;
        let (database_url, database_variable) = database(env, service)?;
        let database_owner = database_owner(env, &database_url)?;
        if amqp_url.is_some() {
            let url = env.url("AMQP_URL", &["amqp", "amqps"], "")?;
            // Without a user or a password, AMQP clients say guest.
            refuse_default_secret(environment, "AMQP_URL", &url, Some("guest"))?;
        }
        Ok(Self {
            service,
            environment,
            port: port(env, "PORT")?.unwrap_or(service.default_port()),
            database_url,
            database_variable,
            database_owner,
            database_pool: database_pool(env)?,
            migrations: env.parsed("MIGRATIONS", "on or off")?.unwrap_or(Migrations::On),
            max_in_flight: max_in_flight(env)?,
            trusted_proxies: trusted_proxies(env)?,
            origins: origins(env)?,
            shutdown_delay: shutdown_delay(env)?,
            connections: http_server::Limits::read(env)?,
            publish: env.parsed("EVENTS_PUBLISH", "subscribed or all")?.unwrap_or(Publish::Subscribed),
            together: env.switch("EVENTS_BATCH")?.unwrap_or(false),
            amqp_url: amqp_url.map(Into::into),
            peers: discovery::configured(env)?,
            consul: ConsulSettings::read(env)?,
            public_url: public_url(env)?,
            vault: Vault::read(env, environment)?,
            keys_rotate: keys_rotate(env)?,
            retention: Keeping::read(env)?,
            flow: flow(env)?,
            traces: spans::Settings::read(env)?,
        })
    }
}

/// Who brings a service's tables up to date; from `MIGRATIONS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrations {
    /// The service itself, at each start.
    On,
    /// Somebody else, by `<service> migrate`; the service waits for it.
    Off,
}

impl FromStr for Migrations {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => Err(()),
        }
    }
}

/// Which events leave the event log for the bus; from `EVENTS_PUBLISH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publish {
    /// Those somebody must have, and those that are broadcast.
    Subscribed,
    /// All, for programs of others that listen to what no service of ours needs.
    All,
}

impl Publish {
    /// Whether events of this type go out.
    #[must_use]
    pub fn takes(self, kind: &str) -> bool {
        self == Self::All || events::find(kind).is_none_or(EventType::is_published)
    }
}

impl FromStr for Publish {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "subscribed" => Ok(Self::Subscribed),
            "all" => Ok(Self::All),
            _ => Err(()),
        }
    }
}

/// # Errors
/// `ECOM_ENV` is neither `development` nor `production`.
pub fn environment(env: &Env) -> Result<Environment, ConfigError> {
    Ok(env.parsed("ECOM_ENV", "development or production")?.unwrap_or(Environment::Development))
}

/// `PUBLIC_URL`: links in mails begin with it, so that production takes no default, and no way others can read.
///
/// # Errors
/// It is no URL; or, in production, missing or not encrypted.
pub fn public_url(env: &Env) -> Result<Url, ConfigError> {
    let expected = "https:// and where people reach the platform";
    let production = environment(env)? == Environment::Production;
    if production {
        env.required("PUBLIC_URL", expected)?;
    }
    let url = env.url("PUBLIC_URL", &["http", "https"], "http://localhost:8080")?;
    refuse_plaintext(env, "PUBLIC_URL", url.scheme() == "https", expected)?;
    Ok(url)
}

/// Production refuses what is not encrypted, unless `PLAINTEXT_ALLOWED` names its variable.
///
/// # Errors
/// It is production, not encrypted, and not allowed by name.
pub fn refuse_plaintext(env: &Env, name: &str, encrypted: bool, expected: &str) -> Result<(), ConfigError> {
    let allowed = env.text("PLAINTEXT_ALLOWED")?.unwrap_or_default();
    if encrypted
        || environment(env)? == Environment::Development
        || allowed.split(',').any(|allowed| allowed.trim() == name)
    {
        return Ok(());
    }
    Err(ConfigError::Plaintext { name: name.to_owned(), expected: expected.to_owned() })
}

/// Whether what is sent there stays on this machine.
#[must_use]
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        // Of schemes that browsers do not know, such as smtp, addresses of IPv4 are kept as names.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// `FLOW`: shown in development; in production only where somebody says so, since it needs no login.
///
/// # Errors
/// Neither `on` nor `off`.
pub fn flow(env: &Env) -> Result<bool, ConfigError> {
    let development = environment(env)? == Environment::Development;
    Ok(env.switch("FLOW")?.unwrap_or(development))
}

/// `SHUTDOWN_DELAY`: longer than any directory of addresses takes to learn that one goes, nobody waits.
///
/// # Errors
/// No whole number of seconds, or more than five minutes.
pub fn shutdown_delay(env: &Env) -> Result<Duration, ConfigError> {
    let (name, expected) = ("SHUTDOWN_DELAY", "a whole number of seconds from 0 to 300");
    match env.parsed::<u64>(name, expected)?.unwrap_or(0) {
        seconds @ 0..=300 => Ok(Duration::from_secs(seconds)),
        long => {
            Err(ConfigError::Invalid { name: name.to_owned(), value: long.to_string(), expected: expected.to_owned() })
        }
    }
}

/// `CORS_ORIGINS`: nobody's, unless somebody's are named.
///
/// # Errors
/// Something in it is no origin.
pub fn origins(env: &Env) -> Result<Origins, ConfigError> {
    Ok(env.parsed("CORS_ORIGINS", Origins::EXPECTED)?.unwrap_or_default())
}

fn keys_rotate(env: &Env) -> Result<time::Duration, ConfigError> {
    let days: Option<NonZeroU16> = env.parsed("KEYS_ROTATE_DAYS", "a whole number of days from 1 to 65535")?;
    Ok(time::Duration::days(days.map_or(90, |days| i64::from(days.get()))))
}

fn port(env: &Env, name: &str) -> Result<Option<u16>, ConfigError> {
    Ok(env.parsed::<NonZeroU16>(name, "a port number from 1 to 65535")?.map(NonZeroU16::get))
}

/// At least two: with one, a slow use of the database would hold up all others. The connection that relays or stands by is
/// not of the pool and is not counted.
fn database_pool(env: &Env) -> Result<u32, ConfigError> {
    let (name, expected) = ("DATABASE_POOL", "a whole number of connections from 2");
    match env.parsed(name, expected)?.unwrap_or(10) {
        few @ 0..2 => {
            Err(ConfigError::Invalid { name: name.to_owned(), value: few.to_string(), expected: expected.to_owned() })
        }
        connections => Ok(connections),
    }
}

/// More than the database's connections: most requests wait for something else, and a short wait for one is no harm.
fn max_in_flight(env: &Env) -> Result<NonZeroU16, ConfigError> {
    let given = env.parsed("MAX_IN_FLIGHT", "a whole number of requests from 1 to 65535")?;
    Ok(given.unwrap_or(DEFAULT_IN_FLIGHT))
}

/// Production refuses a password that is the user's name, as examples have them. `default` is what a client takes for
/// a user or password that is not given.
///
/// # Errors
/// It is such a one, in production.
pub fn refuse_default_secret(
    environment: Environment,
    name: &str,
    url: &Url,
    default: Option<&str>,
) -> Result<(), ConfigError> {
    let decode = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let user = Some(url.username()).filter(|user| !user.is_empty()).or(default);
    let password = url.password().or(default);
    let same = user.is_some() && user.map(decode) == password.map(decode);
    if environment == Environment::Production && same {
        return Err(ConfigError::DefaultSecret { name: name.to_owned() });
    }
    Ok(())
}

/// Whoever works with several services names this one's database after it; a process of one gets it as `DATABASE_URL`.
///
/// # Errors
/// A file a variable names cannot be read.
pub fn database_variable(env: &Env, service: ServiceName) -> Result<String, ConfigError> {
    let own = format!("{}_DATABASE_URL", service.short().to_uppercase());
    Ok(if env.text(&own)?.is_some() {
        own
    } else if env.text("DATABASE_URL")?.is_some() {
        "DATABASE_URL".to_owned()
    } else {
        "DB_HOST, DB_USER, DB_PASSWORD or DB_NAME".to_owned()
    })
}

/// For commands that serve several services: the platform's names for this one's database and its owner are its
/// `DATABASE_URL` and its `OWNER_DATABASE_URL`.
///
/// # Errors
/// A file a variable names cannot be read.
pub fn on_its_own_database(env: Env, service: ServiceName) -> Result<Env, ConfigError> {
    let mut env = env;
    for name in ["DATABASE_URL", OWNER] {
        if let Some(url) = env.text(&format!("{}_{name}", service.short().to_uppercase()))? {
            env = env.with(name, url);
        }
    }
    Ok(env)
}

/// `OWNER_DATABASE_URL`: the same database as `works` is of, by the user its tables belong to.
///
/// # Errors
/// It is no such URL, it is the same user's, or production refuses its password.
pub fn database_owner(env: &Env, works: &SecretString) -> Result<Option<SecretString>, ConfigError> {
    if env.text(OWNER)?.is_none() {
        return Ok(None);
    }
    let url = env.url(OWNER, &["postgres", "postgresql"], "")?;
    if Url::parse(works.expose_secret()).is_ok_and(|works| works.username() == url.username()) {
        let expected = "another user than the one of DATABASE_URL, who is to work with the tables and not to own them; or \
                        nothing, where that one owns them";
        let (name, value) = (OWNER.to_owned(), url.username().to_owned());
        return Err(ConfigError::Invalid { name, value, expected: expected.to_owned() });
    }
    refuse_default_secret(environment(env)?, OWNER, &url, None)?;
    Ok(Some(String::from(url).into()))
}

/// A service's database and the variable it came from: all that a program needs which only migrates.
///
/// # Errors
/// It is missing or wrong, or production refuses its password.
pub fn database(env: &Env, service: ServiceName) -> Result<(SecretString, String), ConfigError> {
    let url = database_url(env, service)?;
    let password = if env.text("DATABASE_URL")?.is_some() { "DATABASE_URL" } else { "DB_PASSWORD" };
    refuse_default_secret(environment(env)?, password, &url, None)?;
    Ok((String::from(url).into(), database_variable(env, service)?))
}

/// `DATABASE_URL`, or the original's `DB_HOST`, `DB_PORT`, `DB_USER`, `DB_PASSWORD` and `DB_NAME`.
fn database_url(env: &Env, service: ServiceName) -> Result<Url, ConfigError> {
    if env.text("DATABASE_URL")?.is_some() {
        return env.url("DATABASE_URL", &["postgres", "postgresql"], "");
    }
    let Some(host) = env.text("DB_HOST")? else {
        let expected =
            format!("postgres://user:password@host:5432/{} (or DB_HOST and its siblings)", service.database());
        return Err(ConfigError::Missing { name: "DATABASE_URL".to_owned(), expected });
    };
    let port = port(env, "DB_PORT")?.unwrap_or(5432);
    let name = env.text("DB_NAME")?.unwrap_or_else(|| service.database().to_owned());
    let invalid = |name: &str, value: &str| ConfigError::Invalid {
        name: name.to_owned(),
        value: value.to_owned(),
        expected: "a value that fits into a database URL".to_owned(),
    };
    let mut url = Url::parse(&format!("postgres://{host}:{port}/{name}")).map_err(|_| invalid("DB_HOST", &host))?;
    let user = env.text("DB_USER")?.unwrap_or_else(|| "postgres".to_owned());
    url.set_username(&literal(&user)).map_err(|()| invalid("DB_USER", &user))?;
    if let Some(password) = env.text("DB_PASSWORD")? {
        url.set_password(Some(&literal(&password))).map_err(|()| invalid("DB_PASSWORD", "…"))?;
    }
    Ok(url)
}
