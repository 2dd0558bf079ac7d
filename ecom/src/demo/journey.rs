//! What happens behind the API, as it happens: the events of a journey, or the order's timeline where those are not
//! shown (a platform that is not in development).

use super::shopper::Api;
use crate::terminal::say;
use contracts::events;
use serde_json::Value;
use std::{collections::BTreeSet, time::Instant};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Prints each thing once, with the milliseconds since the demo began.
pub(super) struct Journey {
    began: Instant,
    /// The server's clock at `began`, as far as we can tell from ours.
    began_at: OffsetDateTime,
    seen: BTreeSet<String>,
}

impl Journey {
    pub(super) fn begin() -> Self {
        let began_at = service_kit::Clock::system().now();
        Self { began: Instant::now(), began_at, seen: BTreeSet::new() }
    }

    pub(super) fn step(&self, what: &str, detail: &str) {
        say(format!("{:>6} ms  {what:<34} {detail}", self.millis()));
    }

    /// Prints the events of the journey `id` that were not printed yet; false where the platform does not show them.
    pub(super) async fn show_events(&mut self, api: &Api, id: &str) -> anyhow::Result<bool> {
        let answer = api.get(&format!("/dev/events?journey={id}")).await?;
        let Some(list) = answer.body.as_array() else { return Ok(false) };
        for event in list {
            let text = |field: &str| event.get(field).and_then(Value::as_str).unwrap_or_default();
            if self.seen.insert(text("id").to_owned()) {
                let to = events::find(text("type")).map_or(&[][..], |known| known.subscribers);
                let to: Vec<_> = to.iter().map(|service| service.as_str()).collect();
                let to = if to.is_empty() { "(for whoever listens)".to_owned() } else { to.join(", ") };
                let from = text("source").trim_start_matches('/');
                let millis = self.millis_at(text("time"));
                say(format!("{millis:>6} ms      event {:<26} {from} → {to}", text("type")));
            }
        }
        Ok(true)
    }

    /// Prints the order's own history where events are not shown.
    pub(super) async fn show_timeline(&mut self, api: &Api, order: &str) -> anyhow::Result<()> {
        let answer = api.get(&format!("/api/orders/{order}/timeline")).await?;
        for entry in answer.body["entries"].as_array().into_iter().flatten() {
            let text = |field: &str| entry[field].as_str().unwrap_or_default();
            if self.seen.insert(format!("{} {}", text("at"), text("what"))) {
                let cause = if text("cause_type").is_empty() { "a request" } else { text("cause_type") };
                say(format!("{:>6} ms      order: {} (by {cause})", self.millis_at(text("at")), text("what")));
            }
        }
        Ok(())
    }

    /// Milliseconds since the demo began.
    pub(super) fn millis(&self) -> i128 {
        i128::try_from(self.began.elapsed().as_millis()).unwrap_or(i128::MAX)
    }

    /// The same of when the order became what it is, from its timeline.
    pub(super) async fn millis_of(&self, api: &Api, order: &str, status: &str) -> anyhow::Result<Option<i128>> {
        let answer = api.get(&format!("/api/orders/{order}/timeline")).await?;
        let mut entries = answer.body["entries"].as_array().into_iter().flatten();
        let entry = entries.find(|entry| entry["to_status"] == status);
        Ok(entry.and_then(|entry| entry["at"].as_str()).map(|at| self.millis_at(at)))
    }

    fn millis_at(&self, time: &str) -> i128 {
        let at = OffsetDateTime::parse(time, &Rfc3339).unwrap_or(self.began_at);
        (at - self.began_at).whole_milliseconds().max(0)
    }
}
