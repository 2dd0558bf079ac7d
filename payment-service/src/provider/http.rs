//! A provider behind HTTP: the simulator (`provider-sim`), or one that speaks as it does.

use super::words::{ChargeAnswer, ChargeOrder, RefundAnswer, RefundOrder};
use crate::metrics;
use anyhow::Context;
use contracts::{Currency, Money, OrderId, events::payment::FailureReason};
use http::{Method, StatusCode};
use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service_kit::{
    outgoing,
    spans::{self, conventions},
};
use std::time::{Duration, Instant};
use url::Url;

#[derive(Clone)]
pub(crate) struct HttpProvider {
    client: Client,
    url: Url,
}

/// What a provider can be asked for.
struct Call {
    name: &'static str,
    method: Method,
    path: &'static str,
}

const CHARGE: Call = Call { name: "charge", method: Method::POST, path: "/charges" };
const FIND_CHARGE: Call = Call { name: "find charge", method: Method::GET, path: "/charges" };
const ABANDON_CHARGE: Call = Call { name: "abandon charge", method: Method::POST, path: "/charges/cancel" };
const REFUND: Call = Call { name: "refund", method: Method::POST, path: "/refunds" };
const FIND_REFUND: Call = Call { name: "find refund", method: Method::GET, path: "/refunds" };

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
pub(crate) struct Charge {
    id: Option<String>,
    status: String,
    reason: Option<String>,
    amount: Option<i64>,
    currency: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    id: String,
    status: String,
    amount: i64,
    currency: String,
}

/// An answer that came whole and could be read.
pub(crate) enum Heard<T> {
    Found(T),
    Nothing,
}

impl HttpProvider {
    pub(super) fn new(url: &Url, deadline: Duration) -> anyhow::Result<Self> {
        // Connections are kept for the next call; an order to move money is one packet that waits for no other.
        let client = Client::builder().redirect(Policy::none()).timeout(deadline).tcp_nodelay(true).build();
        let client = client.context("making the HTTP client of the payment provider")?;
        Ok(Self { client, url: url.clone() })
    }

    pub(super) async fn charge(&self, order: &ChargeOrder) -> ChargeAnswer {
        let Money { amount, currency } = order.amount;
        let body = ChargeBody { amount, currency, method: &order.method, reference: order.reference };
        let request = self.request(&CHARGE).header("Idempotency-Key", &order.key).json(&body);
        // The provider knows its own addresses: a 404 here is no word about the charge.
        deny_nothing(charge_answer(self.send(&CHARGE, request).await, order.amount))
    }

    pub(super) async fn find_charge(&self, order: &ChargeOrder) -> ChargeAnswer {
        let request = self.request(&FIND_CHARGE).query(&[("key", &order.key)]);
        charge_answer(self.send(&FIND_CHARGE, request).await, order.amount)
    }

    pub(super) async fn abandon_charge(&self, order: &ChargeOrder) -> ChargeAnswer {
        let request = self.request(&ABANDON_CHARGE).header("Idempotency-Key", &order.key);
        deny_nothing(charge_answer(self.send(&ABANDON_CHARGE, request).await, order.amount))
    }

    pub(super) async fn refund(&self, order: &RefundOrder) -> RefundAnswer {
        let body = RefundBody { charge_id: &order.charge, amount: order.amount.amount };
        let request = self.request(&REFUND).header("Idempotency-Key", &order.key).json(&body);
        refund_answer(self.send(&REFUND, request).await, order.amount)
    }

    pub(super) async fn find_refund(&self, order: &RefundOrder) -> RefundAnswer {
        let request = self.request(&FIND_REFUND).query(&[("key", &order.key)]);
        refund_answer(self.send(&FIND_REFUND, request).await, order.amount)
    }

    fn request(&self, call: &Call) -> RequestBuilder {
        let url = format!("{}{}", self.url.as_str().trim_end_matches('/'), call.path);
        self.client.request(call.method.clone(), url)
    }

    /// Sends and hears the answer out; the error says in words what was missing.
    async fn send<T: DeserializeOwned>(&self, call: &Call, request: RequestBuilder) -> Result<Heard<T>, String> {
        let started = Instant::now();
        let mut span = spans::child(|| conventions::http_client(&call.method, &self.url, call.path));
        let call_out = hear(request.header("traceparent", span.traceparent()));
        let heard = outgoing(call.name, call_out, |cause| format!("no answer: {cause}")).await;
        span.judge(&heard);
        metrics::provider_called(call.name, heard.is_ok(), started.elapsed());
        heard.map_err(|trouble| format!("{}: {trouble}", call.name))
    }
}

async fn hear<T: DeserializeOwned>(request: RequestBuilder) -> Result<Heard<T>, String> {
    let missing = |cause: reqwest::Error| {
        if cause.is_timeout() {
            return "no answer before the deadline".to_owned();
        }
        format!("no answer: {}", describe(&cause.without_url()))
    };
    let answer = request.send().await.map_err(missing)?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(missing)?;
    understood(status, &body)
}

pub(crate) fn understood<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<Heard<T>, String> {
    match status {
        // serde's derived code would take an array for an object, by position.
        StatusCode::OK if !body.trim_ascii_start().starts_with(b"{") => Err("an answer that is no object".to_owned()),
        StatusCode::OK => serde_json::from_slice(body)
            .map(Heard::Found)
            .map_err(|cause| format!("an answer that cannot be read: {cause}")),
        StatusCode::NOT_FOUND => Ok(Heard::Nothing),
        _ => Err(format!("the provider answered {status}")),
    }
}

pub(crate) fn charge_answer(heard: Result<Heard<Charge>, String>, expected: Money) -> ChargeAnswer {
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

pub(crate) fn refund_answer(heard: Result<Heard<Refund>, String>, expected: Money) -> RefundAnswer {
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

#[cfg(test)]
mod tests {
    use super::{charge_answer, refund_answer, understood};
    use crate::provider::{ChargeAnswer, RefundAnswer};
    use contracts::{Currency, Money};
    use http::StatusCode;

    #[test]
    fn an_array_is_no_answer_however_its_elements_stand() {
        let asked = Money::new(1999, Currency::EUR);
        let trouble = "an answer that is no object".to_owned();
        let charge = br#" ["ch_1","captured",null,1999,"EUR"]"#;
        let unclear = ChargeAnswer::Unclear { trouble: trouble.clone() };
        assert_eq!(charge_answer(understood(StatusCode::OK, charge), asked), unclear);
        let refund = br#"["re_1","completed",1999,"EUR"]"#;
        assert_eq!(refund_answer(understood(StatusCode::OK, refund), asked), RefundAnswer::Unclear { trouble });
        let object = br#" {"id":"ch_1","status":"captured","amount":1999,"currency":"EUR"}"#;
        let captured = ChargeAnswer::Captured { reference: "ch_1".to_owned() };
        assert_eq!(charge_answer(understood(StatusCode::OK, object), asked), captured);
    }
}
