//! What product-service is told besides what all services are.

use service_kit::{ConfigError, Env, Settings};
use std::time::Duration;

/// Longer than order-service's `PAYMENT_DEADLINE`, so that an order's own deadline comes first.
const RESERVATION_TTL_SECONDS: u64 = 900;

#[derive(Clone, Debug)]
pub struct Config {
    pub kit: Settings,
    /// How long stock is held before order-service is asked whether it is still needed.
    pub reservation_ttl: Duration,
}

impl Config {
    /// # Errors
    /// A variable is wrong.
    pub fn read(kit: Settings, env: &Env) -> Result<Self, ConfigError> {
        Ok(Self { kit, reservation_ttl: env.seconds("RESERVATION_TTL", RESERVATION_TTL_SECONDS)? })
    }
}
