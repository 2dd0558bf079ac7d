//! What the provider decides: pure, no HTTP, no disk. [`Book::apply`] is the only thing that changes it, with the same
//! entries that the log holds.

use crate::entry::{Abandoned, Charge, ChargeStatus, Entry, Refund};
use serde::Deserialize;
use std::collections::HashMap;
use time::OffsetDateTime;

/// Requests of one key that `sim_error` fails before it works.
const FAILED_TRIES: u32 = 2;

/// The payment methods and what they play. Refunds of their charges behave alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `sim_ok`: charges and answers.
    Ok,
    /// `sim_declined`: says no.
    Declined,
    /// `sim_slow`: charges at once, answers after two seconds.
    Slow,
    /// `sim_error`: the first two tries of a key fail with 503 and do nothing, the third charges.
    Error,
    /// `sim_lost`: charges, then cuts the connection instead of answering. Asking tells the truth.
    Lost,
}

impl Method {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "sim_ok" => Some(Self::Ok),
            "sim_declined" => Some(Self::Declined),
            "sim_slow" => Some(Self::Slow),
            "sim_error" => Some(Self::Error),
            "sim_lost" => Some(Self::Lost),
            _ => None,
        }
    }
}

/// How an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    AtOnce,
    Late,
    /// The connection is cut instead.
    Never,
}

/// What is said, how, and what has to be logged first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decision<T> {
    pub(crate) answer: T,
    pub(crate) manner: Manner,
    pub(crate) entry: Option<Entry>,
}

impl<T> Decision<T> {
    fn repeated(answer: T) -> Self {
        Self { answer, manner: Manner::AtOnce, entry: None }
    }

    fn new(answer: T, method: Option<Method>, entry: Entry) -> Self {
        let manner = match method {
            Some(Method::Slow) => Manner::Late,
            Some(Method::Lost) => Manner::Never,
            _ => Manner::AtOnce,
        };
        Self { answer, manner, entry: Some(entry) }
    }
}

/// What is known under a charge's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Charge(Charge),
    Abandoned(Abandoned),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The key came before with another body.
    KeyReused,
    NoSuchCharge,
    /// More than is left of the charge.
    ExceedsCaptured,
    BadAmount,
    BadCurrency,
    /// What `sim_error` plays.
    Unavailable,
}

/// Body of `POST /charges`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChargeBody {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) method: String,
    pub(crate) reference: String,
}

/// Body of `POST /refunds`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundBody {
    pub(crate) charge_id: String,
    pub(crate) amount: i64,
}

#[derive(Default)]
pub(crate) struct Book {
    entries: Vec<Entry>,
    charges: HashMap<String, Known>,
    keys_by_charge: HashMap<String, String>,
    refunds: HashMap<String, Refund>,
    refunded: HashMap<String, i64>,
    failed_tries: HashMap<String, u32>,
}

impl Book {
    pub(crate) fn replay(entries: Vec<Entry>) -> Self {
        let mut book = Self::default();
        for entry in entries {
            book.apply(entry);
        }
        book
    }

    pub(crate) fn apply(&mut self, entry: Entry) {
        match entry.clone() {
            Entry::Charge(charge) => {
                self.keys_by_charge.insert(charge.id.clone(), charge.key.clone());
                self.charges.insert(charge.key.clone(), Known::Charge(charge));
            }
            Entry::Abandoned(abandoned) => {
                self.charges.insert(abandoned.key.clone(), Known::Abandoned(abandoned));
            }
            Entry::Refund(refund) => {
                *self.refunded.entry(refund.charge_id.clone()).or_default() += refund.amount;
                self.refunds.insert(refund.key.clone(), refund);
            }
        }
        self.entries.push(entry);
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn find_charge(&self, key: &str) -> Option<Known> {
        self.charges.get(key).cloned()
    }

    pub(crate) fn find_refund(&self, key: &str) -> Option<Refund> {
        self.refunds.get(key).cloned()
    }

    pub(crate) fn refunded(&self, charge_id: &str) -> i64 {
        self.refunded.get(charge_id).copied().unwrap_or(0)
    }

    pub(crate) fn charge(
        &mut self,
        key: &str,
        request: ChargeBody,
        at: OffsetDateTime,
    ) -> Result<Decision<Known>, Refusal> {
        if let Some(known) = self.charges.get(key) {
            return match known {
                Known::Charge(charge) if !charge.asked_as(&request) => Err(Refusal::KeyReused),
                known => Ok(Decision::repeated(known.clone())),
            };
        }
        if request.amount < 0 {
            return Err(Refusal::BadAmount);
        }
        if request.currency.len() != 3 || !request.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Refusal::BadCurrency);
        }
        let method = Method::parse(&request.method);
        self.play_failure(method, key)?;
        let (status, reason) = match method {
            Some(Method::Declined) => (ChargeStatus::Declined, Some("declined")),
            None => (ChargeStatus::Declined, Some("unknown_method")),
            Some(_) => (ChargeStatus::Captured, None),
        };
        let charge = Charge {
            id: format!("ch_{:08}", self.entries.len() + 1),
            key: key.to_owned(),
            amount: request.amount,
            currency: request.currency,
            method: request.method,
            reference: request.reference,
            status,
            reason: reason.map(str::to_owned),
            at,
        };
        Ok(Decision::new(Known::Charge(charge.clone()), method, Entry::Charge(charge)))
    }

    /// Makes sure that nothing is charged under `key` from now on, or tells what was charged before.
    pub(crate) fn abandon(&self, key: &str, at: OffsetDateTime) -> Decision<Known> {
        if let Some(known) = self.charges.get(key) {
            return Decision::repeated(known.clone());
        }
        let abandoned = Abandoned { key: key.to_owned(), at };
        Decision::new(Known::Abandoned(abandoned.clone()), None, Entry::Abandoned(abandoned))
    }

    pub(crate) fn refund(
        &mut self,
        key: &str,
        request: &RefundBody,
        at: OffsetDateTime,
    ) -> Result<Decision<Refund>, Refusal> {
        if let Some(refund) = self.refunds.get(key) {
            let same = refund.charge_id == request.charge_id && refund.amount == request.amount;
            return if same { Ok(Decision::repeated(refund.clone())) } else { Err(Refusal::KeyReused) };
        }
        let known = self.keys_by_charge.get(&request.charge_id).and_then(|key| self.charges.get(key));
        let Some(Known::Charge(charge)) = known else { return Err(Refusal::NoSuchCharge) };
        if request.amount <= 0 {
            return Err(Refusal::BadAmount);
        }
        let captured = if charge.status == ChargeStatus::Captured { charge.amount } else { 0 };
        if request.amount > captured - self.refunded(&charge.id) {
            return Err(Refusal::ExceedsCaptured);
        }
        let refund = Refund {
            id: format!("re_{:08}", self.entries.len() + 1),
            key: key.to_owned(),
            charge_id: charge.id.clone(),
            amount: request.amount,
            currency: charge.currency.clone(),
            at,
        };
        let method = Method::parse(&charge.method);
        self.play_failure(method, key)?;
        Ok(Decision::new(refund.clone(), method, Entry::Refund(refund)))
    }

    fn play_failure(&mut self, method: Option<Method>, key: &str) -> Result<(), Refusal> {
        if method != Some(Method::Error) {
            return Ok(());
        }
        let tries = self.failed_tries.entry(key.to_owned()).or_default();
        if *tries < FAILED_TRIES {
            *tries += 1;
            return Err(Refusal::Unavailable);
        }
        Ok(())
    }
}

impl Charge {
    fn asked_as(&self, request: &ChargeBody) -> bool {
        (self.amount, &self.currency, &self.method, &self.reference)
            == (request.amount, &request.currency, &request.method, &request.reference)
    }
}
