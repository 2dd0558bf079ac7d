//! What happens behind the API, as it happens: the events of a journey, or the order's timeline where those are not
//! shown (a platform that is not in development).

use super::api::Api;
use contracts::{
    ServiceName,
    events::{self, EventType},
};
use operate::terminal::say;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A mail is there before the event that tells of it; so long the last of them may take.
const FOR_THE_LAST: Duration = Duration::from_secs(5);

/// Prints each thing once, with the milliseconds since the demo began.
pub(super) struct Journey {
    began: Instant,
    /// The server's clock at `began`, as far as we can tell from ours.
    began_at: OffsetDateTime,
    /// Whose events are shown: the account's, and later the order's as well.
    followed: Vec<String>,
    seen: BTreeSet<String>,
    /// Whether the platform shows its events.
    shown: bool,
    /// How many of the events seen are told to the shopper, less those that were.
    untold: i64,
}

impl Journey {
    pub(super) fn begin() -> Self {
        // Ours first: by the server's clock nothing then seems later than it is, so that no event passes its step.
        let began = Instant::now();
        let began_at = service_kit::Clock::system().now();
        Self { began, began_at, followed: Vec::new(), seen: BTreeSet::new(), shown: false, untold: 0 }
    }

    /// From now on what happens to this account or order is shown.
    pub(super) fn follow(&mut self, id: &str) {
        self.followed.push(id.to_owned());
    }

    /// False where the platform does not show its events.
    pub(super) fn shows_events(&self) -> bool {
        self.shown
    }

    /// Prints a step that is done: after what happened before it, and before what has happened since.
    pub(super) async fn step(&mut self, api: &Api, what: &str, detail: &str) -> anyhow::Result<()> {
        let millis = self.millis();
        let fresh = self.fresh_events(api).await?;
        let (before, since): (Vec<_>, Vec<_>) = fresh.into_iter().partition(|(at, _)| *at <= millis);
        print(before);
        say(format!("{millis:>6} ms  {what:<34} {detail}"));
        print(since);
        Ok(())
    }

    /// Prints the events that were not printed yet.
    pub(super) async fn look(&mut self, api: &Api) -> anyhow::Result<()> {
        print(self.fresh_events(api).await?);
        Ok(())
    }

    /// Goes on looking until every event that the shopper is told of was told; not for long, since nothing hangs on it.
    pub(super) async fn look_to_the_end(&mut self, api: &Api) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            self.look(api).await?;
            if !self.shown || self.untold <= 0 || began.elapsed() > FOR_THE_LAST {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The events of all that is followed which were not there at the last look, in order of time.
    async fn fresh_events(&mut self, api: &Api) -> anyhow::Result<Vec<(i128, String)>> {
        let mut fresh = Vec::new();
        for id in self.followed.clone() {
            let answer = api.get(&format!("/dev/events?journey={id}")).await?;
            let list = answer.body.as_array();
            self.shown = list.is_some();
            for event in list.into_iter().flatten() {
                let text = |field: &str| event.get(field).and_then(Value::as_str).unwrap_or_default();
                if !self.seen.insert(text("id").to_owned()) {
                    continue;
                }
                let known = events::find(text("type"));
                let to = known.map_or(&[][..], |known| known.subscribers);
                // An account that was made is welcomed by its confirmation.
                let tells = to.contains(&ServiceName::Notify) && event["data"]["confirmed"] != true;
                self.untold += i64::from(tells);
                self.untold -= i64::from(text("type").starts_with("notification."));
                let to: Vec<_> = to.iter().map(|service| service.as_str()).collect();
                let to = match (to.is_empty(), known.is_some_and(EventType::is_published)) {
                    (true, true) => "(for whoever listens)".to_owned(),
                    (true, false) => "(kept in its log)".to_owned(),
                    (false, _) => to.join(", "),
                };
                let from = text("source").trim_start_matches('/');
                fresh.push((self.millis_at(text("time")), format!("{:<26} {from} → {to}", text("type"))));
            }
        }
        fresh.sort_by_key(|(millis, _)| *millis);
        Ok(fresh)
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

fn print(events: Vec<(i128, String)>) {
    for (millis, event) in events {
        say(format!("{millis:>6} ms      event {event}"));
    }
}
