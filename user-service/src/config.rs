//! What user-service is told besides what all services are.

use crate::throttle::Limit;
use service_kit::{ConfigError, Env, Environment, Settings, Variable};
use std::{num::NonZeroU32, time::Duration};

#[derive(Clone, Debug)]
pub struct Config {
    pub kit: Settings,
    /// bcrypt's work factor: 2^cost rounds.
    pub bcrypt_cost: u32,
    /// How many logins may fail per account.
    pub failed_logins: Limit,
    /// How many mails one client may ask for.
    pub mails_per_client: Limit,
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
            &["LOGIN_FAILURES", "LOGIN_RECOVERY"],
            "user",
            "10, 30",
            "so many logins per address may fail at once, then one more per so many seconds; counted in memory, per \
             instance",
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
        Ok(Self { kit, bcrypt_cost: cost, failed_logins, mails_per_client })
    }
}
