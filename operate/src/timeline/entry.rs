//! What a timeline is made of.

use serde::Serialize;
use time::OffsetDateTime;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The service that did it, or the provider.
    pub who: &'static str,
    pub what: String,
    pub details: String,
    /// For finding the request in traces and logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

impl Entry {
    pub(super) fn new(
        at: OffsetDateTime,
        who: &'static str,
        what: impl Into<String>,
        details: impl Into<String>,
    ) -> Self {
        Self { at, who, what: what.into(), details: details.into(), trace_id: None }
    }

    pub(super) fn traced(mut self, traceparent: Option<&str>) -> Self {
        // 00-<trace>-<span>-<flags>
        self.trace_id = traceparent.and_then(|parent| parent.split('-').nth(1)).map(str::to_owned);
        self
    }
}

/// What the parts gather.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) entries: Vec<Entry>,
    pub(super) open: Vec<String>,
}
