//! What a span or an event says beside its message, under the names of the Elastic Common Schema.

use crate::error::describe;
use serde_json::{Value, json};
use std::{borrow::Cow, error::Error, fmt::Debug};
use tracing::field::{Field, Visit};

/// Docker cuts a line at 16 KiB, and half an object is none.
const LONGEST: usize = 4096;

/// What the layer itself writes: nobody else's field takes its place.
const OURS: [&str; 7] =
    ["@timestamp", "log.level", "log.logger", "ecs.version", "service.version", "service.environment", "event.dataset"];

/// Name and value, in the order of first mention.
#[derive(Clone, Default)]
pub(super) struct Fields(Vec<(Cow<'static, str>, Value)>);

impl Fields {
    /// The later word wins: an event's over its span's, an inner span's over an outer's.
    pub(super) fn put(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, before)) => *before = value,
            None => self.0.push((name, value)),
        }
    }

    pub(super) fn merge(&mut self, others: &Self) {
        for (name, value) in &others.0 {
            self.put(name.clone(), value.clone());
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    fn record(&mut self, field: &Field, value: Value) {
        self.put(name_of(field.name()), value);
    }
}

/// A dotted name is taken as it is. A plain one is a word of ours and goes where no name of the schema can be in its way:
/// `source`, for one, is an object there, and an index refuses a line in which it is a text.
fn name_of(name: &'static str) -> Cow<'static, str> {
    match name {
        "message" => name.into(),
        "cause" | "error" => "error.message".into(),
        "service" => "service.name".into(),
        _ if name.contains('.') && !OURS.contains(&name) => name.into(),
        _ => format!("ecom.{name}").into(),
    }
}

/// At most [`LONGEST`] bytes of it, cut between two characters.
fn bounded(text: &str) -> Value {
    match text.len() {
        0..=LONGEST => text.into(),
        _ => format!("{}…", &text[..text.floor_char_boundary(LONGEST)]).into(),
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record(field, bounded(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record(field, bounded(&format!("{value:?}")));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.record(field, bounded(&describe(value)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.record(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.record(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.record(field, json!(value));
    }
}
