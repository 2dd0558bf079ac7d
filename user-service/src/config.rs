//! What user-service is told besides what all services are.

use crate::throttle::Limit;
use service_kit::{ConfigError, Env, Environment, Settings};
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
