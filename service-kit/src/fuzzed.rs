//! Doors for the fuzzers (`fuzz/`): what reads what comes over the network, without what surrounds it.

use crate::{
    arrival,
    bus::{
        Delivery, Parcel,
        message::{self, Origin},
    },
    client_address::TrustedProxies,
    forwarded_prefix,
};
use axum::{extract::Request, response::Response};
use contracts::{
    RawEvent,
    envelope::{self, EnvelopeError},
};
use http::{HeaderValue, header};
use lapin::BasicProperties;

/// The events in a message of the broker, as the consumer reads them; of what is none, why.
#[must_use]
pub fn message(together: bool, body: &[u8]) -> Vec<Result<RawEvent, String>> {
    let mut sent = lapin::message::Delivery::mock(1, "events".into(), "type".into(), false, body.to_vec());
    let kind = if together { envelope::BATCH_CONTENT_TYPE } else { envelope::CONTENT_TYPE };
    sent.properties = BasicProperties::default().with_content_type(kind.into());
    let event = |delivery| match delivery {
        Delivery::Event { event, .. } | Delivery::GivenUp { event, .. } => Ok(event),
        Delivery::Unreadable { reason, .. } => Err(reason),
    };
    message::read(&sent, Origin::Events).into_iter().map(event).collect()
}

/// What a consumer reads of an event that the relay sent on as one of this span.
///
/// # Errors
/// It cannot be read any more.
pub fn sent_on(event: &RawEvent, traceparent: String) -> Result<RawEvent, EnvelopeError> {
    let mut parcel = Parcel::from(event);
    // As PostgreSQL prints it.
    parcel.envelope = parcel.envelope.replace("\"traceparent\":", "\"traceparent\": ");
    parcel.come_from(traceparent);
    parcel.read()
}

/// The request with its whole body, or the answer to one that makes no sense.
///
/// # Errors
/// Its head says two things, or its body is too large.
pub async fn arrived(request: Request) -> Result<Request, Box<Response>> {
    arrival::arrived(request).await
}

/// Where an address within the service lies for whoever sent the request.
#[must_use]
pub fn located(request: &Request, trusted: &TrustedProxies, location: HeaderValue) -> Option<HeaderValue> {
    let mut response = Response::default();
    response.headers_mut().insert(header::LOCATION, location);
    let answer = forwarded_prefix::restore(forwarded_prefix::of(request, trusted), response);
    answer.headers().get(header::LOCATION).cloned()
}
