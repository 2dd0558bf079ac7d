//! What order-service is told besides what all services are.

use crate::domain::Limits;
use service_kit::{ConfigError, Env, Settings, Variable, keeping, throttle::Limit};
use std::{num::NonZeroU32, time::Duration};

/// Three years, after which most claims from a contract are over.
const WITHDRAWALS_KEPT: u16 = 1095;
/// Who was not told of their right withdraws within a year and two weeks.
const WITHDRAWALS_KEPT_AT_LEAST: u16 = 400;

#[derive(Clone, Debug)]
pub struct Config {
    pub kit: Settings,
    /// A pending order is cancelled after this long.
    pub payment_deadline: Duration,
    /// What a customer may hold unpaid at a time: stock that is held for one is not there for others.
    pub limits: Limits,
    /// So much staff may give back without proving anew who they are, in minor units of any currency.
    pub refund_unproved: i64,
    /// product-service's own: for so long stock may be held of whose order nothing was heard.
    pub reservation_ttl: Duration,
    /// So long a cart is kept that nobody changes.
    pub cart_ttl: Duration,
    /// How many withdrawals one client may declare.
    pub withdrawals_per_client: Limit,
    /// For so many days they are kept; for ever where nothing is deleted.
    pub withdrawals_kept: Option<u16>,
}

impl Config {
    /// What only this service reads.
    pub const VARIABLES: &[Variable] = &[
        Variable::new(&["PAYMENT_DEADLINE"], "order", "600", "seconds until an unpaid order is cancelled"),
        Variable::new(
            &["RESERVATION_TTL"],
            "order",
            "900",
            "the same as product-service has: for so long a checkout counts of whose stock nothing was heard",
        ),
        Variable::new(
            &["OPEN_ORDERS_PER_CUSTOMER"],
            "order",
            "20",
            "unpaid orders a customer may have at a time, those being placed among them",
        ),
        Variable::new(
            &["OPEN_PIECES_PER_CUSTOMER"],
            "order",
            "2000",
            "pieces in them at the most, and so in one order",
        ),
        Variable::new(
            &["OPEN_ORDERS_PER_GUEST"],
            "order",
            "10",
            "orders that guests with one mailbox, or from one client (an IPv4 address, a /64), may have placed within an hour \
             and not paid",
        ),
        Variable::new(&["CART_DAYS"], "order", "30", "1 to 365: so long a cart is kept that nobody changes"),
        Variable::new(
            &["WITHDRAWALS_PER_CLIENT"],
            "order",
            "20",
            "so many withdrawals one client (an IPv4 address, a /64) may declare at once, then one more a minute; with one \
             mailbox five, then one more in five minutes; counted in memory, per instance",
        ),
        Variable::new(
            &["RETENTION_WITHDRAWALS"],
            "order",
            "1095",
            "days, from 400 on, for which declarations of withdrawal are kept",
        ),
        Variable::new(
            &["REFUND_UNPROVED"],
            "order",
            "50000",
            "so much staff may give back by cancelling a paid order without proving anew who they are, in minor units of \
             the order's currency",
        ),
    ];

    /// # Errors
    /// A variable is wrong.
    pub fn read(kit: Settings, env: &Env) -> Result<Self, ConfigError> {
        let orders = env.parsed("OPEN_ORDERS_PER_CUSTOMER", "a whole number of orders")?.unwrap_or(20);
        let pieces = env.parsed("OPEN_PIECES_PER_CUSTOMER", "a whole number of pieces")?.unwrap_or(2000);
        let guest_orders = env.parsed("OPEN_ORDERS_PER_GUEST", "a whole number of orders")?.unwrap_or(10);
        let refund = env.parsed("REFUND_UNPROVED", "a whole number of minor units, such as 50000 for 500.00")?;
        let attempts = env.parsed("WITHDRAWALS_PER_CLIENT", "a whole number above 0")?;
        let attempts = attempts.unwrap_or(NonZeroU32::MIN.saturating_add(19));
        let withdrawals_per_client = Limit { attempts, recovery: Duration::from_secs(60) };
        let withdrawals = keeping::days(env, "RETENTION_WITHDRAWALS", WITHDRAWALS_KEPT, WITHDRAWALS_KEPT_AT_LEAST)?;
        let withdrawals_kept = kit.retention.answers.map(|_| withdrawals);
        let expected = "a whole number of days from 1 to 365";
        let days = env.parsed::<u16>("CART_DAYS", expected)?.unwrap_or(30);
        if !(1..=365).contains(&days) {
            let (name, value, expected) = ("CART_DAYS".to_owned(), days.to_string(), expected.to_owned());
            return Err(ConfigError::Invalid { name, value, expected });
        }
        Ok(Self {
            kit,
            cart_ttl: Duration::from_secs(u64::from(days) * 86_400),
            payment_deadline: env.seconds("PAYMENT_DEADLINE", 600)?,
            limits: Limits { orders, pieces, guest_orders },
            refund_unproved: i64::from(refund.unwrap_or(50_000_u32)),
            reservation_ttl: env.seconds("RESERVATION_TTL", 900)?,
            withdrawals_per_client,
            withdrawals_kept,
        })
    }
}
