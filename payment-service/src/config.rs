//! What payment-service is told besides what all services are.

use service_kit::{ConfigError, Env, Settings};
use std::time::Duration;
use url::Url;

#[derive(Clone, Debug)]
pub struct Config {
    pub kit: Settings,
    /// Where the payment provider is reached.
    pub provider_url: Url,
    /// No call to the provider takes longer; one that would is an answer that is missing.
    pub provider_deadline: Duration,
    /// So long after the order was placed a payment that has not succeeded is given up. Below order-service's
    /// `PAYMENT_DEADLINE`, so that the shopper hears the provider's word and not the clock's.
    pub give_up: Duration,
}

impl Config {
    /// # Errors
    /// A variable is wrong.
    pub fn read(kit: Settings, env: &Env) -> Result<Self, ConfigError> {
        let expected = "a whole number of milliseconds from 1 to 60000";
        let deadline = env.parsed::<u64>("PROVIDER_DEADLINE", expected)?.unwrap_or(5000);
        if !(1..=60_000).contains(&deadline) {
            return Err(ConfigError::Invalid {
                name: "PROVIDER_DEADLINE".to_owned(),
                value: deadline.to_string(),
                expected: expected.to_owned(),
            });
        }
        Ok(Self {
            kit,
            provider_url: env.url("PROVIDER_URL", &["http", "https"], "http://127.0.0.1:8090")?,
            provider_deadline: Duration::from_millis(deadline),
            give_up: env.seconds("PAYMENT_GIVE_UP", 480)?,
        })
    }
}
