//! One thing that happened to one event in one service, and the last of them.

use contracts::{Event, EventId, ServiceName, events};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::VecDeque, sync::Arc, time::Duration};
use time::OffsetDateTime;
use uuid::Uuid;

/// So many are kept.
const KEPT: usize = 128;

/// No personal data: events hold none, and of an event's data only the number is taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// When, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Where it happened.
    pub service: ServiceName,
    /// What happened.
    pub what: What,
    /// The event it happened to.
    pub event_id: EventId,
    /// Its type, e.g. `order.paid`.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// Who announced the event.
    pub source: ServiceName,
    /// The aggregate it is about.
    pub subject: Uuid,
    /// The journey it belongs to.
    pub correlation_id: Uuid,
    /// The number people know the journey by, where the event tells one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// Of a published event: how long it lay in the outbox. Of one that was acted on: how long that took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub micros: Option<u64>,
}

/// What happens to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Committed with its change; lies in the outbox.
    Announced,
    /// The bus took it and it can no longer be lost.
    Published,
    /// The reaction committed.
    Done,
    /// Known before, and not acted on again.
    Duplicate,
    /// The reaction failed, and will be tried again.
    Failed,
    /// Given up.
    Dead,
}

impl Moment {
    pub(super) fn new<T>(
        at: OffsetDateTime,
        service: ServiceName,
        what: What,
        event: &Event<T>,
        number: Option<i64>,
        took: Option<Duration>,
    ) -> Self {
        let known = events::find(&event.kind).map(|known| Cow::Borrowed(known.name));
        Self {
            at,
            service,
            what,
            event_id: event.id,
            kind: known.unwrap_or_else(|| Cow::Owned(event.kind.clone())),
            source: event.source,
            subject: event.subject,
            correlation_id: event.correlation_id,
            number,
            micros: took.and_then(|took| took.as_micros().try_into().ok()),
        }
    }
}

/// The last moments, and how many there were in the last minute.
#[derive(Default)]
pub(super) struct Moments {
    last: VecDeque<Arc<Moment>>,
    seconds: VecDeque<Second>,
}

/// What happened within one second.
struct Second {
    at: i64,
    counts: Counts,
}

/// How much happened in the last minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Events announced by this service.
    pub announced: u32,
    /// Events that it acted on.
    pub done: u32,
    /// Failed, and will be tried again; or given up.
    pub failed: u32,
}

impl Moments {
    pub(super) fn keep(&mut self, moment: Arc<Moment>) {
        self.count(&moment);
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(moment);
    }

    fn count(&mut self, moment: &Moment) {
        let at = moment.at.unix_timestamp();
        if self.seconds.back().is_none_or(|second| second.at < at) {
            self.seconds.push_back(Second { at, counts: Counts::default() });
        }
        while self.seconds.front().is_some_and(|second| second.at <= at - 60) {
            self.seconds.pop_front();
        }
        let Some(second) = self.seconds.back_mut() else { return };
        match moment.what {
            What::Announced => second.counts.announced += 1,
            What::Done => second.counts.done += 1,
            What::Failed | What::Dead => second.counts.failed += 1,
            What::Published | What::Duplicate => {}
        }
    }

    pub(super) fn last_minute(&self, now: OffsetDateTime) -> Counts {
        let recent = self.seconds.iter().filter(|second| second.at > now.unix_timestamp() - 60);
        recent.fold(Counts::default(), |sum, second| Counts {
            announced: sum.announced + second.counts.announced,
            done: sum.done + second.counts.done,
            failed: sum.failed + second.counts.failed,
        })
    }

    /// Oldest first.
    pub(super) fn last(&self) -> Vec<Moment> {
        self.last.iter().map(|moment| Moment::clone(moment)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, KEPT, Moment, Moments, What};
    use contracts::ServiceName;
    use std::sync::Arc;
    use time::{Duration, OffsetDateTime};
    use uuid::Uuid;

    fn moment(at: OffsetDateTime, what: What, number: i64) -> Arc<Moment> {
        Arc::new(Moment {
            at,
            service: ServiceName::Order,
            what,
            event_id: Uuid::nil().into(),
            kind: "order.created".into(),
            source: ServiceName::Order,
            subject: Uuid::nil(),
            correlation_id: Uuid::nil(),
            number: Some(number),
            micros: None,
        })
    }

    #[test]
    fn the_newest_are_kept_and_the_rest_is_forgotten() {
        let mut moments = Moments::default();
        for number in 0..300 {
            moments.keep(moment(OffsetDateTime::UNIX_EPOCH, What::Announced, number));
        }
        let numbers: Vec<_> = moments.last().iter().filter_map(|moment| moment.number).collect();
        assert_eq!((numbers.len(), numbers.first(), numbers.last()), (KEPT, Some(&172), Some(&299)));
    }

    #[test]
    fn what_is_older_than_a_minute_is_not_counted() {
        let (mut moments, start) = (Moments::default(), OffsetDateTime::UNIX_EPOCH);
        for (second, what) in [(0, What::Announced), (1, What::Done), (59, What::Failed), (59, What::Dead)] {
            moments.keep(moment(start + Duration::seconds(second), what, 1));
        }
        assert_eq!(moments.last_minute(start + Duration::seconds(59)), Counts { announced: 1, done: 1, failed: 2 });
        assert_eq!(moments.last_minute(start + Duration::seconds(60)), Counts { announced: 0, done: 1, failed: 2 });
        assert_eq!(moments.last_minute(start + Duration::seconds(200)), Counts::default());
    }
}
