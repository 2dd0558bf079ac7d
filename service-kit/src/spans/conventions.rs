//! What spans are called and what they say: OpenTelemetry's semantic conventions for HTTP, databases and messaging, and
//! a few names of our own (`ecom.…`). Ids only: no address, no name, no path with a stranger's text in it.

use contracts::{Event, RawEvent};
use http::Method;
use opentelemetry::{
    KeyValue, StringValue,
    trace::{Link, SpanBuilder, SpanKind},
};
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

pub(super) const STATUS_CODE: &str = "http.response.status_code";
/// How it ended, in a word.
pub const OUTCOME: &str = "ecom.outcome";
/// Which try it is, from 1.
pub const ATTEMPT: &str = "ecom.attempt";
/// The aggregate it is about.
pub const SUBJECT: &str = "ecom.subject";

/// Work that is none of the below: a job's.
#[must_use]
pub fn work(name: &'static str) -> SpanBuilder {
    SpanBuilder::from_name(name).with_kind(SpanKind::Internal)
}

/// A request that is answered; `route` is the pattern of its path.
#[must_use]
pub fn http_server(method: &Method, route: &str) -> SpanBuilder {
    let method = method_name(method);
    SpanBuilder::from_name(format!("{method} {route}"))
        .with_kind(SpanKind::Server)
        .with_attributes([KeyValue::new("http.request.method", method), KeyValue::new("http.route", route.to_owned())])
}

/// A request that is sent, to `path` at `server`.
#[must_use]
pub fn http_client(method: &Method, server: &Url, path: &str) -> SpanBuilder {
    let (method, template) = (method_name(method), template(path));
    SpanBuilder::from_name(format!("{method} {template}")).with_kind(SpanKind::Client).with_attributes([
        KeyValue::new("http.request.method", method),
        KeyValue::new("url.template", template),
        KeyValue::new("server.address", server.host_str().unwrap_or_default().to_owned()),
        KeyValue::new("server.port", i64::from(server.port_or_known_default().unwrap_or_default())),
    ])
}

/// A transaction from BEGIN to its end, with the work it belongs to; its statements have no spans of their own.
#[must_use]
pub fn transaction(database: &Arc<str>, work: &'static str) -> SpanBuilder {
    SpanBuilder::from_name("transaction").with_kind(SpanKind::Client).with_attributes([
        KeyValue::new("db.system.name", "postgresql"),
        KeyValue::new("db.namespace", StringValue::from(Arc::clone(database))),
        KeyValue::new("ecom.work", work),
    ])
}

/// Work on several requests at once. Each has a trace of its own, so this one only points at them.
#[must_use]
pub fn batch(work: &'static str, links: Vec<Link>, items: usize) -> SpanBuilder {
    let items = i64::try_from(items).unwrap_or(i64::MAX);
    SpanBuilder::from_name("batch")
        .with_kind(SpanKind::Internal)
        .with_links(links)
        .with_attributes([KeyValue::new("ecom.work", work), KeyValue::new("ecom.batch.items", items)])
}

/// Where events travel, as their spans say it.
#[derive(Clone, Debug)]
pub struct Channel {
    /// `rabbitmq`, or `ecom_local` inside a process.
    pub system: &'static str,
    /// The exchange, or the queue.
    pub destination: Arc<str>,
}

/// One event that is handed to the bus.
#[must_use]
pub fn publish<T>(event: &Event<T>, channel: &Channel) -> SpanBuilder {
    message("publish", SpanKind::Producer, "send", event, channel)
}

/// One event that is acted on.
#[must_use]
pub fn process(event: &RawEvent, channel: &Channel, attempt: i32) -> SpanBuilder {
    let mut builder = message("process", SpanKind::Consumer, "process", event, channel);
    if let Some(attributes) = &mut builder.attributes {
        attributes.push(KeyValue::new(ATTEMPT, i64::from(attempt)));
    }
    builder
}

/// Several events that are handed over together. Each has a trace of its own, so this one only points at them.
#[must_use]
pub fn send_batch(links: Vec<Link>, channel: &Channel) -> SpanBuilder {
    together("send", SpanKind::Client, links, channel)
}

/// Several events that are acted on together, likewise.
#[must_use]
pub fn process_batch(links: Vec<Link>, channel: &Channel) -> SpanBuilder {
    together("process", SpanKind::Consumer, links, channel)
}

fn together(operation: &'static str, kind: SpanKind, links: Vec<Link>, channel: &Channel) -> SpanBuilder {
    let count = i64::try_from(links.len()).unwrap_or(i64::MAX);
    SpanBuilder::from_name(operation).with_kind(kind).with_links(links).with_attributes([
        KeyValue::new("messaging.system", channel.system),
        KeyValue::new("messaging.destination.name", StringValue::from(Arc::clone(&channel.destination))),
        KeyValue::new("messaging.operation.name", operation),
        KeyValue::new("messaging.operation.type", operation),
        KeyValue::new("messaging.batch.message_count", count),
    ])
}

fn message<T>(
    operation: &'static str,
    kind: SpanKind,
    operation_type: &'static str,
    event: &Event<T>,
    channel: &Channel,
) -> SpanBuilder {
    SpanBuilder::from_name(format!("{operation} {}", event.kind)).with_kind(kind).with_attributes(vec![
        KeyValue::new("messaging.system", channel.system),
        KeyValue::new("messaging.destination.name", StringValue::from(Arc::clone(&channel.destination))),
        KeyValue::new("messaging.operation.name", operation),
        KeyValue::new("messaging.operation.type", operation_type),
        KeyValue::new("messaging.message.id", event.id.to_string()),
        KeyValue::new("messaging.message.conversation_id", event.correlation_id.to_string()),
        KeyValue::new("ecom.event.type", event.kind.clone()),
        KeyValue::new(SUBJECT, event.subject.to_string()),
    ])
}

/// A stranger's method is not repeated.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// The path without what differs from call to call: its query, and its ids.
fn template(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let parts = path.split('/').map(|part| if Uuid::try_parse(part).is_ok() { "{id}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::template;

    #[test]
    fn a_path_is_told_without_its_ids() {
        let path = "/internal/accounts/01a20dcd-a66f-7656-a76a-ffe429cd1b31/contact?fresh=1";
        assert_eq!(template(path), "/internal/accounts/{id}/contact");
    }
}
