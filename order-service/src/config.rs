//! What order-service is told besides what all services are.

use service_kit::{ConfigError, Env, Settings};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Config {
    pub kit: Settings,
    /// A pending order is cancelled after this long.
    pub payment_deadline: Duration,
    /// So many unpaid orders a customer may have at a time: each holds stock.
    pub open_orders: i64,
}

impl Config {
    /// # Errors
    /// A variable is wrong.
    pub fn read(kit: Settings, env: &Env) -> Result<Self, ConfigError> {
        let open_orders = env.parsed("OPEN_ORDERS_PER_CUSTOMER", "a whole number of orders")?.unwrap_or(20);
        Ok(Self { kit, payment_deadline: env.seconds("PAYMENT_DEADLINE", 600)?, open_orders })
    }
}
