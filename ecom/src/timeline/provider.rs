//! What the payment provider did, by its own log.

use super::{Entry, Gathered, Order};
use crate::reach::Reach;
use anyhow::{Context, bail};
use contracts::{Currency, Money};
use provider_sim::{ChargeStatus, Entry as Logged};
use serde::Deserialize;
use std::time::Duration;

const WHO: &str = "provider";
/// It may be away; the rest of the timeline is told all the same.
const DEADLINE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Log {
    items: Vec<Logged>,
}

pub(super) async fn gather(reach: &Reach, order: &Order, keys: &[String], into: &mut Gathered) -> anyhow::Result<()> {
    let Some(url) = &reach.provider_url else { bail!("where it is is not known: set PROVIDER_URL") };
    let url = url.join("/log")?;
    let asked = reqwest::Client::new().get(url.clone()).timeout(DEADLINE).send().await;
    let answer =
        asked.and_then(reqwest::Response::error_for_status).with_context(|| format!("{url} does not answer"))?;
    let log: Log = answer.json().await.with_context(|| format!("{url} is no log of the provider simulator"))?;
    let reference = order.id.to_string();
    for logged in log.items {
        into.entries.extend(entry(logged, &reference, keys));
    }
    Ok(())
}

/// None for what concerns another order.
fn entry(logged: Logged, reference: &str, keys: &[String]) -> Option<Entry> {
    match logged {
        Logged::Charge(charge) if charge.reference == reference || keys.contains(&charge.key) => {
            let what = match charge.status {
                ChargeStatus::Captured => "charged",
                ChargeStatus::Declined => "declined",
            };
            let reason = charge.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            let details =
                format!("{} by {}, {}{reason}", amount(charge.amount, &charge.currency), charge.method, charge.id);
            Some(Entry::new(charge.at, WHO, what, details))
        }
        Logged::Refund(refund) if keys.contains(&refund.key) => {
            let details = format!("{}, {}", amount(refund.amount, &refund.currency), refund.id);
            Some(Entry::new(refund.at, WHO, "refunded", details))
        }
        Logged::Abandoned(abandoned) if keys.contains(&abandoned.key) => {
            Some(Entry::new(abandoned.at, WHO, "gave its word never to charge", abandoned.key))
        }
        _ => None,
    }
}

/// Plain digits for a currency that is not known here.
fn amount(minor: i64, currency: &str) -> String {
    let known: Result<Currency, _> = currency.parse();
    known.map_or_else(|_| format!("{minor} {currency}"), |currency| Money::new(minor, currency).to_string())
}
