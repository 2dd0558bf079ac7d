//! Many requests at once, each repeated under its key until it is answered for good; and what they came to.

use crate::{
    accounts::{self, Person, Shop},
    client, quiet,
    stack::Stack,
};
use anyhow::bail;
use contracts::ServiceName;
use http::{Method, StatusCode};
use operate::{doctor, reach::Reach};
use provider_sim::{ChargeStatus, Entry};
use service_kit::Clock;
use std::time::{Duration, Instant};

const CUSTOMERS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(120);

/// The shop with people in it.
pub(super) struct Rush {
    pub(super) shop: Shop,
    pub(super) admin: Person,
    customers: Vec<Person>,
}

/// What a request came to in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// The order's id.
    Sold(String),
    /// The problem's code.
    Refused(String),
}

impl Rush {
    pub(super) async fn new(stack: &Stack) -> anyhow::Result<Self> {
        let shop = Shop::of(stack)?;
        let admin = accounts::make_admin(stack, &shop).await?;
        let mut customers = Vec::new();
        for number in 0..CUSTOMERS {
            customers.push(accounts::register(stack, &shop, &format!("buyer-{number}")).await?);
        }
        Ok(Self { shop, admin, customers })
    }

    /// One request for one piece; the key decides who asks.
    pub(super) async fn buy(&self, number: u64, key: &str, sku: &str) -> anyhow::Result<Answered> {
        let customer = &self.customers[usize::try_from(number)? % CUSTOMERS];
        let body = client::order(&[(sku, 1)], "sim_ok");
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let token = customer.token();
            let asked =
                self.shop.ask(ServiceName::Order, Method::POST, "/orders", &token, Some(key), Some(&body)).await;
            match asked {
                Ok(answer) if answer.status.is_success() => {
                    return Ok(Answered::Sold(answer.body["id"].as_str().unwrap_or_default().to_owned()));
                }
                Ok(answer) if answer.status == StatusCode::CONFLICT => {
                    return Ok(Answered::Refused(answer.body["code"].as_str().unwrap_or_default().to_owned()));
                }
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => customer.log_in(&self.shop).await?,
                Ok(answer) if answer.status.is_client_error() && answer.status != StatusCode::TOO_MANY_REQUESTS => {
                    bail!("an order was refused: {answer:?}")
                }
                _ => {}
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("no answer under {key} in {} s", PATIENCE.as_secs())
    }
}

/// What is in the end: orders that are paid, and charges that took money, by the provider's own log. Adds what the
/// checker found to `wrong`.
pub(super) async fn totals(stack: &Stack, wrong: &mut Vec<String>) -> anyhow::Result<(u64, u64)> {
    let reach = stack.reach().await?;
    quiet::wait(&reach, Duration::from_secs(600)).await?;
    let query = "SELECT count(*) FROM orders WHERE status = 'paid'";
    let orders: i64 = sqlx::query_scalar(query).fetch_one(reach.database(ServiceName::Order)).await?;
    let options = doctor::Options { grace: Duration::ZERO, ..doctor::Options::default() };
    let report = doctor::examine(&reach, &options, Clock::system().now()).await?;
    if !report.is_clean() {
        wrong.extend(doctor::report::lines(&report, false));
    }
    Ok((u64::try_from(orders)?, charges(&reach).await?))
}

async fn charges(reach: &Reach) -> anyhow::Result<u64> {
    let log = reach.provider_log(Duration::from_secs(30)).await?;
    let log: Vec<Entry> = log.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?;
    let taken = |entry: &&Entry| matches!(entry, Entry::Charge(charge) if charge.status == ChargeStatus::Captured);
    Ok(log.iter().filter(taken).count() as u64)
}
