//! The envelope of every event: CloudEvents 1.0 in structured JSON (`application/cloudevents+json`), with the
//! extensions `sequence` (per subject), `correlationid`, `causationid` and `traceparent`. Several of one type may come in
//! one message, as the array that CloudEvents calls a batch.

use crate::{EventId, ServiceName, events::EventData};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use std::ops::Range;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// The content type of an event on the wire.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// The content type of several events in one message.
pub const BATCH_CONTENT_TYPE: &str = "application/cloudevents-batch+json";

/// Times an event may have, in seconds since 1970: from then up to the year 9999, which is left out. Beyond lies what
/// cannot be told in UTC, or what a deadline cannot be added to, in a calendar of four digits.
const TIMES: Range<i64> = 0..253_370_764_800;

/// An event with its typed data.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<T> {
    /// Unique among all events; whoever has acted on it knows it by this.
    pub id: EventId,
    /// Who announced it.
    pub source: ServiceName,
    /// The event type, e.g. `order.created`.
    pub kind: String,
    /// The aggregate it is about.
    pub subject: Uuid,
    /// Counts the changes of that aggregate, from 1.
    pub sequence: i64,
    /// When it was announced, by the announcer's clock, in UTC.
    pub time: OffsetDateTime,
    /// The journey it belongs to: the order's id for all that follows from an order.
    pub correlation_id: Uuid,
    /// The event that caused it; none when a request did.
    pub causation_id: Option<EventId>,
    /// W3C Trace Context: the span that announced it.
    pub traceparent: Option<String>,
    /// What happened.
    pub data: T,
}

/// An event whose data are not looked at yet.
pub type RawEvent = Event<Value>;

/// A message that is no event of ours, or an event whose data do not fit its type.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not JSON, or without what `CloudEvents` demands.
    #[error("not a CloudEvents 1.0 envelope: {0}")]
    Envelope(serde_json::Error),
    /// A field of the envelope holds what none of ours would.
    #[error("{kind} event {id}: field {field} holds {value:?}, expected {expected}")]
    Field {
        /// The event type as sent.
        kind: String,
        /// The event's id.
        id: EventId,
        /// The field's name on the wire.
        field: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
    /// The envelope can be read, its data cannot.
    #[error("{kind} event {id}: its data do not decode: {cause}")]
    Data {
        /// The event type as sent.
        kind: String,
        /// The event's id.
        id: EventId,
        /// What does not fit, and where.
        cause: serde_json::Error,
    },
}

#[derive(Serialize, Deserialize)]
struct Wire {
    specversion: String,
    id: EventId,
    source: String,
    r#type: String,
    subject: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    time: OffsetDateTime,
    datacontenttype: String,
    dataschema: String,
    /// A string, as CloudEvents' sequence extension asks; zero-padded so that it also sorts as text.
    sequence: String,
    correlationid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    data: Value,
}

impl RawEvent {
    /// The envelope as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let version = if self.kind.contains(".v") { "" } else { ".v1" };
        let wire = Wire {
            specversion: "1.0".to_owned(),
            id: self.id,
            source: format!("/{}", self.source),
            r#type: self.kind.clone(),
            subject: self.subject,
            time: self.time,
            datacontenttype: "application/json".to_owned(),
            dataschema: format!("urn:ecom-micro:event:{}{version}", self.kind),
            sequence: format!("{:010}", self.sequence),
            correlationid: self.correlation_id,
            causationid: self.causation_id,
            traceparent: self.traceparent.clone(),
            data: self.data.clone(),
        };
        serde_json::to_value(wire).unwrap_or(Value::Null)
    }

    /// Reads an envelope that is JSON already.
    ///
    /// # Errors
    /// Not a CloudEvents envelope, or not one of ours.
    pub fn from_json(json: Value) -> Result<Self, EnvelopeError> {
        Self::checked(serde_json::from_value(json).map_err(EnvelopeError::Envelope)?)
    }

    fn checked(wire: Wire) -> Result<Self, EnvelopeError> {
        let field = |field, value: &str, expected| EnvelopeError::Field {
            kind: wire.r#type.clone(),
            id: wire.id,
            field,
            value: value.to_owned(),
            expected,
        };
        if wire.specversion != "1.0" {
            return Err(field("specversion", &wire.specversion, "1.0"));
        }
        let source = wire.source.trim_start_matches('/').parse();
        let source = source.map_err(|_| field("source", &wire.source, "/ and a service's name"))?;
        let sequence = wire.sequence.parse();
        let sequence = sequence.map_err(|_| field("sequence", &wire.sequence, "digits"))?;
        if !TIMES.contains(&wire.time.unix_timestamp()) {
            let time = wire.time.format(&Rfc3339).unwrap_or_default();
            return Err(field("time", &time, "a time from 1970 to 9998"));
        }
        Ok(Self {
            id: wire.id,
            source,
            kind: wire.r#type,
            subject: wire.subject,
            sequence,
            time: wire.time,
            correlation_id: wire.correlationid,
            causation_id: wire.causationid,
            traceparent: wire.traceparent,
            data: wire.data,
        })
    }

    /// Reads a message's body.
    ///
    /// # Errors
    /// Not JSON, or not an event of ours.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        Self::checked(serde_json::from_slice(bytes).map_err(EnvelopeError::Envelope)?)
    }

    /// Reads the data as `T`. Unknown fields are ignored: an older consumer survives a newer announcer.
    ///
    /// # Errors
    /// The data do not fit.
    pub fn decode<T: DeserializeOwned>(self) -> Result<Event<T>, EnvelopeError> {
        let data = serde_json::from_value(self.data).map_err(|cause| EnvelopeError::Data {
            kind: self.kind.clone(),
            id: self.id,
            cause,
        })?;
        Ok(Event {
            id: self.id,
            source: self.source,
            kind: self.kind,
            subject: self.subject,
            sequence: self.sequence,
            time: self.time,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            traceparent: self.traceparent,
            data,
        })
    }
}

/// The body of a message with several envelopes, each a text already.
#[must_use]
pub fn batch<'e>(envelopes: impl IntoIterator<Item = &'e str>) -> String {
    let mut body = String::from("[");
    for envelope in envelopes {
        if body.len() > 1 {
            body.push(',');
        }
        body.push_str(envelope);
    }
    body.push(']');
    body
}

/// The envelopes in a message's body with several, not read yet: one that cannot be does not spoil the others.
///
/// # Errors
/// It is no JSON array.
pub fn parts(bytes: &[u8]) -> Result<Vec<&[u8]>, EnvelopeError> {
    let parts: Vec<&RawValue> = serde_json::from_slice(bytes).map_err(EnvelopeError::Envelope)?;
    Ok(parts.into_iter().map(|part| part.get().as_bytes()).collect())
}

impl<T: EventData> Event<T> {
    /// The same event with its data as JSON.
    ///
    /// # Errors
    /// The data cannot be written as JSON; our own types always can.
    pub fn into_raw(self) -> Result<RawEvent, serde_json::Error> {
        Ok(Event {
            data: serde_json::to_value(&self.data)?,
            id: self.id,
            source: self.source,
            kind: self.kind,
            subject: self.subject,
            sequence: self.sequence,
            time: self.time,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            traceparent: self.traceparent,
        })
    }
}
