//! A provider behind HTTP: the simulator (`provider-sim`), or one that speaks as it does.

use super::{ChargeAnswer, ChargeOrder, RefundAnswer, RefundOrder};
use anyhow::Context;
use contracts::{Currency, Money, OrderId, events::payment::FailureReason};
use http::StatusCode;
use metrics::counter;
use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service_kit::trace;
use std::time::Duration;
use url::Url;

#[derive(Clone)]
pub(crate) struct HttpProvider {
    client: Client,
    base: String,
}

#[derive(Serialize)]
struct ChargeBody<'a> {
    amount: i64,
    currency: Currency,
    method: &'a str,
    reference: OrderId,
}

#[derive(Serialize)]
struct RefundBody<'a> {
    charge_id: &'a str,
    amount: i64,
}

#[derive(Debug, Deserialize)]
struct Charge {
    id: Option<String>,
    status: String,
    reason: Option<String>,
    amount: Option<i64>,
    currency: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Refund {
    id: String,
    status: String,
    amount: i64,
    currency: String,
}

/// An answer that came whole and could be read.
enum Heard<T> {
    Found(T),
    Nothing,
}

impl HttpProvider {
    pub(super) fn new(url: &Url, deadline: Duration) -> anyhow::Result<Self> {
        let client = Client::builder().redirect(Policy::none()).timeout(deadline).build();
        let client = client.context("making the HTTP client of the payment provider")?;
        Ok(Self { client, base: url.as_str().trim_end_matches('/').to_owned() })
    }

    pub(super) async fn charge(&self, order: &ChargeOrder<'_>) -> ChargeAnswer {
        let Money { amount, currency } = order.amount;
        let body = ChargeBody { amount, currency, method: order.method, reference: order.reference };
        let request = self.client.post(self.url("/charges")).header("Idempotency-Key", order.key).json(&body);
        // The provider knows its own addresses: a 404 here is no word about the charge.
        deny_nothing(charge_answer(send("charge", request).await, order.amount))
    }

    pub(super) async fn find_charge(&self, order: &ChargeOrder<'_>) -> ChargeAnswer {
        let request = self.client.get(self.url("/charges")).query(&[("key", order.key)]);
        charge_answer(send("find charge", request).await, order.amount)
    }

    pub(super) async fn abandon_charge(&self, order: &ChargeOrder<'_>) -> ChargeAnswer {
        let request = self.client.post(self.url("/charges/cancel")).header("Idempotency-Key", order.key);
        deny_nothing(charge_answer(send("abandon charge", request).await, order.amount))
    }

    pub(super) async fn refund(&self, order: &RefundOrder<'_>) -> RefundAnswer {
        let body = RefundBody { charge_id: order.charge, amount: order.amount.amount };
        let request = self.client.post(self.url("/refunds")).header("Idempotency-Key", order.key).json(&body);
        refund_answer(send("refund", request).await, order.amount)
    }

    pub(super) async fn find_refund(&self, order: &RefundOrder<'_>) -> RefundAnswer {
        let request = self.client.get(self.url("/refunds")).query(&[("key", order.key)]);
        refund_answer(send("find refund", request).await, order.amount)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

/// Sends and hears the answer out; the error says in words what was missing.
async fn send<T: DeserializeOwned>(call: &'static str, request: RequestBuilder) -> Result<Heard<T>, String> {
    let heard = hear(request).await;
    let outcome = if heard.is_ok() { "clear" } else { "unclear" };
    counter!("provider_calls_total", "call" => call, "outcome" => outcome).increment(1);
    heard.map_err(|trouble| format!("{call}: {trouble}"))
}

async fn hear<T: DeserializeOwned>(request: RequestBuilder) -> Result<Heard<T>, String> {
    let missing = |cause: reqwest::Error| {
        if cause.is_timeout() {
            return "no answer before the deadline".to_owned();
        }
        format!("no answer: {}", describe(&cause.without_url()))
    };
    let answer = request.header("traceparent", trace::current().traceparent).send().await.map_err(missing)?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(missing)?;
    match status {
        StatusCode::OK => serde_json::from_slice(&body)
            .map(Heard::Found)
            .map_err(|cause| format!("an answer that cannot be read: {cause}")),
        StatusCode::NOT_FOUND => Ok(Heard::Nothing),
        _ => Err(format!("the provider answered {status}")),
    }
}

fn charge_answer(heard: Result<Heard<Charge>, String>, expected: Money) -> ChargeAnswer {
    let charge = match heard {
        Ok(Heard::Found(charge)) => charge,
        Ok(Heard::Nothing) => return ChargeAnswer::NoSuchCharge,
        Err(trouble) => return ChargeAnswer::Unclear { trouble },
    };
    match (charge.status.as_str(), charge.id) {
        ("captured", Some(reference)) => {
            let currency = charge.currency.as_deref();
            if (charge.amount, currency) == (Some(expected.amount), Some(expected.currency.code())) {
                return ChargeAnswer::Captured { reference };
            }
            let trouble = format!("{reference} took {:?} {currency:?}, asked for were {expected}", charge.amount);
            ChargeAnswer::Unclear { trouble }
        }
        ("declined", _) => {
            let unknown = charge.reason.as_deref() == Some("unknown_method");
            let reason = if unknown { FailureReason::UnknownMethod } else { FailureReason::Declined };
            ChargeAnswer::Declined { reason }
        }
        ("cancelled", _) => ChargeAnswer::Abandoned,
        (status, _) => ChargeAnswer::Unclear { trouble: format!("the provider calls the charge {status:?}") },
    }
}

fn deny_nothing(answer: ChargeAnswer) -> ChargeAnswer {
    if answer == ChargeAnswer::NoSuchCharge {
        return ChargeAnswer::Unclear { trouble: "the provider answered 404: check PROVIDER_URL".to_owned() };
    }
    answer
}

fn refund_answer(heard: Result<Heard<Refund>, String>, expected: Money) -> RefundAnswer {
    let refund = match heard {
        Ok(Heard::Found(refund)) => refund,
        Ok(Heard::Nothing) => return RefundAnswer::NoSuchRefund,
        Err(trouble) => return RefundAnswer::Unclear { trouble },
    };
    let as_asked = (refund.amount, refund.currency.as_str()) == (expected.amount, expected.currency.code());
    if refund.status == "completed" && as_asked {
        return RefundAnswer::Completed { reference: refund.id };
    }
    let Refund { id, status, amount, currency } = refund;
    RefundAnswer::Unclear { trouble: format!("{id} is {status:?} over {amount} {currency}, asked for were {expected}") }
}

/// An error with its causes, for people.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
