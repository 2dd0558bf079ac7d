//! What product-service is told besides what all services are.

use service_kit::{ConfigError, Env, Settings, Variable};
use std::time::Duration;

/// Longer than order-service's `PAYMENT_DEADLINE`, so that an order's own deadline comes first.
const RESERVATION_TTL_SECONDS: u64 = 900;
/// Stock that nobody buys must not be held for ever.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Clone, Debug)]
pub struct Config {
    pub kit: Settings,
    /// How long stock is held before order-service is asked whether it is still needed.
    pub reservation_ttl: Duration,
}

impl Config {
    /// What only this service reads.
    pub const VARIABLES: &[Variable] = &[Variable::new(
        &["RESERVATION_TTL"],
        "product",
        "900",
        "seconds until a reservation is looked at; at most a week. Keep it above `PAYMENT_DEADLINE`",
    )];

    /// # Errors
    /// A variable is wrong.
    pub fn read(kit: Settings, env: &Env) -> Result<Self, ConfigError> {
        let reservation_ttl = env.seconds("RESERVATION_TTL", RESERVATION_TTL_SECONDS)?;
        if reservation_ttl > LONGEST {
            return Err(ConfigError::Invalid {
                name: "RESERVATION_TTL".to_owned(),
                value: reservation_ttl.as_secs().to_string(),
                expected: format!("at most {} seconds (a week)", LONGEST.as_secs()),
            });
        }
        Ok(Self { kit, reservation_ttl })
    }
}
