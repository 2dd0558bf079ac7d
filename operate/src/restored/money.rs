//! What the provider did for orders that are no more.

use super::{
    plan::{Plan, Wanted},
    step::Step,
};
use crate::doctor::case::Case;
use contracts::Money;
use provider_sim::{Charge, ChargeStatus, Entry, Refund};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What the provider has under keys that no payment of ours has, for orders that we do not know.
#[derive(Default)]
pub(super) struct Orphans<'a> {
    charges: Vec<&'a Charge>,
    abandoned: Vec<&'a str>,
    given_back: HashMap<&'a str, i64>,
    acknowledged: HashSet<&'a str>,
}

pub(super) fn orphans<'a>(case: &Case<'a>) -> Orphans<'a> {
    let facts = case.facts;
    let keys: HashSet<&str> = facts.payments.payments.iter().map(|payment| payment.provider_key.as_str()).collect();
    let known = |order: Option<Uuid>| {
        order.is_some_and(|order| case.orders.contains_key(&order) || case.payments.contains_key(&order))
    };
    let mut orphans = Orphans::default();
    for entry in facts.provider.entries().unwrap_or_default() {
        match entry {
            // Of an order that we know, payment-service asks under the same key.
            Entry::Charge(charge) if !keys.contains(charge.key.as_str()) && !known(charge.reference.parse().ok()) => {
                orphans.charges.push(charge);
            }
            Entry::Abandoned(abandoned) if !keys.contains(abandoned.key.as_str()) => {
                let order = abandoned.key.strip_prefix("charge-").and_then(|order| order.parse().ok());
                if !known(order) {
                    orphans.abandoned.push(&abandoned.key);
                }
            }
            Entry::Refund(refund) => {
                let sum = orphans.given_back.entry(&refund.charge_id).or_default();
                *sum = sum.saturating_add(refund.amount);
            }
            Entry::Charge(_) | Entry::Abandoned(_) => {}
        }
    }
    orphans.acknowledged = facts.payments.acknowledged.iter().map(String::as_str).collect();
    orphans
}

impl Orphans<'_> {
    /// So many order numbers nobody but who has the mail knows.
    pub(super) fn unknown_orders(&self) -> i64 {
        i64::try_from(self.charges.len() + self.abandoned.len()).unwrap_or(i64::MAX)
    }

    pub(super) fn give_back(&self, wanted: Wanted, plan: &mut Plan) {
        for charge in &self.charges {
            let kept =
                charge.amount.saturating_sub(self.given_back.get(charge.id.as_str()).copied().unwrap_or_default());
            let (key, amount, currency) = (charge.key.clone(), charge.amount, &charge.currency);
            let what = match charge.status {
                ChargeStatus::Captured => format!("captured {amount} {currency} ({})", charge.id),
                ChargeStatus::Declined => "declined a charge".to_owned(),
            };
            self.acknowledge(plan, key, what);
            if charge.status != ChargeStatus::Captured || kept == 0 {
                continue;
            }
            match currency.parse() {
                Ok(parsed) if wanted.refund => {
                    let amount = Money::new(kept, parsed);
                    let (charge, order) = (charge.id.clone(), charge.reference.clone());
                    plan.steps.push(Step::GiveBack { charge, order, amount });
                }
                _ => plan.notes.push(format!(
                    "the provider keeps {kept} {currency} (minor units) of {} for order {}, which is no more: --refund \
                     gives it back",
                    charge.id, charge.reference
                )),
            }
        }
        for key in &self.abandoned {
            self.acknowledge(plan, (*key).to_owned(), "promised never to charge".to_owned());
        }
    }

    fn acknowledge(&self, plan: &mut Plan, key: String, what: String) {
        if !self.acknowledged.contains(key.as_str()) {
            plan.steps.push(Step::Acknowledge { key, what });
        }
    }
}

/// Refunds of payments that we know, under keys that we do not.
pub(super) fn unknown_refunds<'a>(case: &Case<'a>) -> Vec<&'a Refund> {
    let payments = &case.facts.payments;
    let keys: HashSet<&str> = payments.refunds.iter().map(|refund| refund.provider_key.as_str()).collect();
    let charges: HashSet<&str> =
        payments.payments.iter().filter_map(|payment| payment.provider_reference.as_deref()).collect();
    let entries = case.facts.provider.entries().unwrap_or_default().iter();
    let refunds = entries.filter_map(|entry| match entry {
        Entry::Refund(refund) => Some(refund),
        _ => None,
    });
    refunds.filter(|one| !keys.contains(one.key.as_str()) && charges.contains(one.charge_id.as_str())).collect()
}

/// Orders that were stored again without their address, and still wait for it.
pub(super) fn cancel_remembered(case: &Case<'_>, wanted: Wanted, plan: &mut Plan) {
    for order in &case.facts.orders.orders {
        let waits = matches!(order.status.as_str(), "pending" | "paid");
        if !waits || !case.facts.orders.remembered.contains(&order.id.to_string()) {
            continue;
        }
        if wanted.refund {
            plan.steps.push(Step::Cancel { order: order.id, number: order.number });
        } else {
            plan.notes.push(format!(
                "order {} is {}, and its address was lost: ask the customer, or cancel it with --refund, which gives the \
                 money back",
                order.number, order.status
            ));
        }
    }
}
