//! What the payment provider did, by its own log.

use super::{
    entry::{Entry, Gathered},
    order::Order,
};
use crate::reach::Reach;
use anyhow::Context;
use contracts::{Currency, Money};
use provider_sim::{ChargeStatus, Entry as Logged};
use std::time::Duration;

const WHO: &str = "provider";
/// It may be away; the rest of the timeline is told all the same.
const DEADLINE: Duration = Duration::from_secs(5);

pub(super) async fn gather(reach: &Reach, order: &Order, keys: &[String], into: &mut Gathered) -> anyhow::Result<()> {
    let told = reach.provider_log(DEADLINE).await?.into_iter().map(serde_json::from_value);
    let log: Vec<Logged> = told.collect::<Result<_, _>>().context("an entry of its log cannot be read")?;
    let reference = order.id.to_string();
    for logged in log {
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
