//! What user-service is told besides what all services are.

use crate::outside::OutsideSettings;
use service_kit::{ConfigError, Env, Environment, Settings, Variable, throttle::Limit};
use std::{num::NonZeroU32, path::PathBuf, time::Duration};

#[derive(Clone, Debug)]
pub struct Config {
    pub kit: Settings,
    /// bcrypt's work factor: 2^cost rounds.
    pub bcrypt_cost: u32,
    /// How many logins may fail per account.
    pub failed_logins: Limit,
    /// How many mails one client may ask for.
    pub mails_per_client: Limit,
    /// How many guests one client may make.
    pub guests_per_client: Limit,
    /// So long an account that is to be erased can be kept.
    pub erase_after: time::Duration,
    /// The provider people may sign in with.
    pub outside: Option<OutsideSettings>,
    /// The database that tells where in the world a client is.
    pub places_file: Option<PathBuf>,
}

impl Config {
    /// What only this service reads.
    pub const VARIABLES: &[Variable] = &[
        Variable::new(&["BCRYPT_COST"], "user", "12", "4 to 16; at least 12 in production"),
        Variable::new(
            &["MAILS_PER_CLIENT"],
            "user",
            "30",
            "so many mails one client (an IPv4 address, a /64) may ask for at once by registering or asking again, \
             then one more a minute; counted in memory, per instance. Clients behind a proxy are told apart by \
             `TRUSTED_PROXIES`",
        ),
        Variable::new(
            &["GUESTS_PER_CLIENT"],
            "user",
            "20",
            "so many guests one client (an IPv4 address, a /64) may make at once, then one more a minute; with one mailbox five, \
             then one more in five minutes; counted in memory, per instance",
        ),
        Variable::new(
            &["ERASE_AFTER_HOURS"],
            "user",
            "72",
            "0 to 720: so long an account that is to be erased can be kept by its owner, who is told by mail",
        ),
        Variable::new(
            &["LOGIN_FAILURES", "LOGIN_RECOVERY"],
            "user",
            "10, 30",
            "so many logins per address may fail at once, then one more per so many seconds; counted in memory, per \
             instance",
        ),
        Variable::new(
            &["OIDC_ISSUER"],
            "user",
            "none: nobody signs in elsewhere",
            "an OpenID provider people may sign in with, e.g. `https://accounts.example.com`, to the letter as it calls itself; \
             `https:`, or in development also `http:` on this machine",
        ),
        Variable::new(
            &["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"],
            "user",
            "with `OIDC_ISSUER` required",
            "who the shop is to the provider, which is told the redirect address `PUBLIC_URL/login/provider`",
        ),
        Variable::new(
            &["OIDC_NAME"],
            "user, `web`",
            "its host; for `web` none: its page of the log-in does not speak of it",
            "what people know the provider by",
        ),
        Variable::new(
            &["PLACES_FILE"],
            "user",
            "none: no place is told",
            "a database in the MaxMind DB format, such as GeoLite2-City.mmdb, by which people are told the place of each of \
             their sessions; read into memory at the start",
        ),
    ];

    /// # Errors
    /// A variable is wrong.
    pub fn read(kit: Settings, env: &Env) -> Result<Self, ConfigError> {
        // Below 12 a stolen table can be searched too fast; tests have nothing to steal.
        let least = if kit.environment == Environment::Development { 4 } else { 12 };
        let expected = format!("a whole number from {least} to 16");
        let cost = env.parsed::<u32>("BCRYPT_COST", &expected)?.unwrap_or(12);
        if !(least..=16).contains(&cost) {
            return Err(ConfigError::Invalid { name: "BCRYPT_COST".to_owned(), value: cost.to_string(), expected });
        }
        let attempts = env.parsed("LOGIN_FAILURES", "a whole number above 0")?;
        let attempts = attempts.unwrap_or(NonZeroU32::MIN.saturating_add(9));
        let failed_logins = Limit { attempts, recovery: env.seconds("LOGIN_RECOVERY", 30)? };
        let attempts = env.parsed("MAILS_PER_CLIENT", "a whole number above 0")?;
        let attempts = attempts.unwrap_or(NonZeroU32::MIN.saturating_add(29));
        let mails_per_client = Limit { attempts, recovery: Duration::from_secs(60) };
        let attempts = env.parsed("GUESTS_PER_CLIENT", "a whole number above 0")?;
        let attempts = attempts.unwrap_or(NonZeroU32::MIN.saturating_add(19));
        let guests_per_client = Limit { attempts, recovery: Duration::from_secs(60) };
        let expected = "a whole number of hours from 0 to 720";
        let hours = env.parsed::<u16>("ERASE_AFTER_HOURS", expected)?.unwrap_or(72);
        if hours > 720 {
            let (name, value, expected) = ("ERASE_AFTER_HOURS".to_owned(), hours.to_string(), expected.to_owned());
            return Err(ConfigError::Invalid { name, value, expected });
        }
        let erase_after = time::Duration::hours(hours.into());
        let outside = OutsideSettings::read(env, kit.environment)?;
        let places_file = env.text("PLACES_FILE")?.map(PathBuf::from);
        Ok(Self {
            kit,
            bcrypt_cost: cost,
            failed_logins,
            mails_per_client,
            guests_per_client,
            erase_after,
            outside,
            places_file,
        })
    }
}
