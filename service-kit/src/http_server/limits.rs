//! What a listener bounds.

use crate::{
    ConfigError, Env,
    client_address::{TrustedProxies, trusted_proxies},
};
use std::{num::NonZeroUsize, time::Duration};

const PER_ADDRESS: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// What a server takes on at once, and how long it waits for whom.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time, over all listeners of the process; [`Self::MOST`] or 80 % of its descriptors unless told.
    pub all: Option<NonZeroUsize>,
    /// Of them, from one address: of IPv6, from one /64.
    pub per_address: NonZeroUsize,
    /// For whom the bound per address does not hold, since many stand behind them: this machine, where the services call
    /// each other, and the trusted proxies.
    pub uncounted: TrustedProxies,
    /// The first head comes whole within so long after the connection, a later one after its first byte.
    pub head: Duration,
    /// So long a connection may wait for its next request. Longer than proxies and other clients keep theirs, so that
    /// they close first: what is sent while the other side closes is lost.
    pub idle: Duration,
    /// So long whoever is sent an answer may take none of it.
    pub stall: Duration,
}

impl Limits {
    /// Connections at the most, unless told otherwise.
    pub const MOST: u64 = 10_000;

    /// # Errors
    /// A variable is wrong.
    pub fn read(env: &Env) -> Result<Self, ConfigError> {
        let number = |name: &str| env.parsed(name, "a whole number of connections from 1");
        Ok(Self {
            all: number("MAX_CONNECTIONS")?,
            per_address: number("MAX_CONNECTIONS_PER_ADDRESS")?.unwrap_or(PER_ADDRESS),
            uncounted: trusted_proxies(env)?.and_this_machine(),
            ..Self::default()
        })
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            all: None,
            per_address: PER_ADDRESS,
            uncounted: TrustedProxies::default().and_this_machine(),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(120),
            stall: Duration::from_secs(30),
        }
    }
}
