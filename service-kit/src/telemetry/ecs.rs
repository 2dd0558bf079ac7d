//! One line per record: an object in the Elastic Common Schema, whatever the record holds.
//! <https://www.elastic.co/docs/reference/ecs>

use super::fields::Fields;
use crate::{Clock, Environment, trace};
use serde_json::Value;
use std::{fmt::Write as _, io::Write as _};
use time::{OffsetDateTime, format_description::StaticFormatDescription, macros::format_description};
use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    fmt::MakeWriter,
    layer::Context,
    registry::{LookupSpan, Scope},
};

/// The version whose names are used.
const ECS_VERSION: &str = "8.17.0";
/// Always six digits, so that lines can be compared as text.
const TIMESTAMP: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

pub(super) struct Ecs<W> {
    /// Unless a span says whose work it is: in the all-in-one five services share a process.
    program: String,
    environment: Environment,
    clock: Clock,
    writer: W,
}

impl<W> Ecs<W> {
    pub(super) fn new(program: &str, environment: Environment, clock: Clock, writer: W) -> Self {
        Self { program: program.to_owned(), environment, clock, writer }
    }

    fn line(&self, event: &Event<'_>, mut fields: Fields) -> String {
        let metadata = event.metadata();
        // A library may log fields alone.
        let message = fields.take("message").unwrap_or_else(|| metadata.target().into());
        let service = fields.take("service.name").unwrap_or_else(|| self.program.as_str().into());
        // The task knows best which request or event it works for; a span may tell of one that has ended.
        trace::peek(|task| {
            fields.put("trace.id", task.trace_id().into());
            fields.put("span.id", task.span_id().into());
        });
        let level = metadata.level().as_str().to_lowercase();
        let mut line = String::with_capacity(512);
        // The order the schema's logging guide asks for: people read the start of a line.
        let (timestamp, dataset) = (timestamp(self.clock.now()).into(), service.clone());
        let ours: [(&str, Value); 9] = [
            ("@timestamp", timestamp),
            ("log.level", level.into()),
            ("message", message),
            ("ecs.version", ECS_VERSION.into()),
            ("service.name", service),
            ("service.version", env!("CARGO_PKG_VERSION").into()),
            ("service.environment", self.environment.as_str().into()),
            ("event.dataset", dataset),
            ("log.logger", metadata.target().into()),
        ];
        let ours = ours.iter().map(|(name, value)| (*name, value));
        for (name, value) in ours.chain(fields.iter()) {
            let before = if line.is_empty() { '{' } else { ',' };
            // Writing to a String cannot fail; a Value escapes what JSON does not take as it is, line breaks included.
            let _ = write!(line, "{before}{}:{value}", Value::from(name));
        }
        line.push_str("}\n");
        line
    }
}

fn timestamp(at: OffsetDateTime) -> String {
    at.format(TIMESTAMP).unwrap_or_default()
}

impl<S, W> Layer<S> for Ecs<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.merge(of_span);
            }
        }
        event.record(&mut fields);
        let line = self.line(event, fields);
        // In one piece, or lines of two threads would mix. A log that cannot be written must not end the work.
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}

#[cfg(test)]
mod tests;
