//! What product-service is told besides what all services are.

use crate::bucket::Place;
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
    /// The bucket that pictures lie in; in the database without.
    pub pictures: Option<Place>,
}

impl Config {
    /// What only this service reads.
    pub const VARIABLES: &[Variable] = &[
        Variable::new(
            &["RESERVATION_TTL"],
            "product",
            "900",
            "seconds until a reservation is looked at; at most a week. Keep it above `PAYMENT_DEADLINE`",
        ),
        Variable::new(
            &["PICTURES_URL", "PICTURES_PASSWORD"],
            "product",
            "none: pictures lie in the database",
            "a bucket for pictures that are handed in, of anybody who speaks Amazon's S3: \
             `https://ACCESS_KEY:SECRET_KEY@host/bucket/folder?region=…`, keys percent-encoded, encrypted in production. \
             The key may get, put and list objects in it (`s3:GetObject`, `s3:PutObject`, `s3:ListBucket`)",
        ),
    ];

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
        Ok(Self { kit, reservation_ttl, pictures: Place::read(env)? })
    }
}
