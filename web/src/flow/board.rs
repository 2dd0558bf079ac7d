//! The last events, each with what became of it, put together from the moments of all services.

use super::words;
use askama::Template;
use contracts::{EventId, ServiceName, events};
use service_kit::flow::{Moment, What};
use std::collections::{BTreeMap, HashMap};
use time::OffsetDateTime;
use uuid::Uuid;

/// So many events are shown, and so many orders.
const ROWS: usize = 30;
const ORDERS: usize = 8;

#[derive(Clone, Debug, Default)]
pub(super) struct Board {
    rows: HashMap<EventId, Row>,
    /// The numbers of the journeys, as far as one of their events told it.
    numbers: HashMap<Uuid, i64>,
}

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Row {
    id: EventId,
    /// The first that was heard of it.
    at: OffsetDateTime,
    kind: String,
    source: ServiceName,
    journey: Uuid,
    published: bool,
    /// What the last try came to at each consumer, and how long it took.
    outcomes: BTreeMap<ServiceName, (OffsetDateTime, What, Option<u64>)>,
}

impl Board {
    /// Takes a moment in, in whatever order they come and however often; false when nothing changed.
    pub(super) fn take(&mut self, moment: &Moment) -> bool {
        let known_number = self.numbers.contains_key(&moment.correlation_id);
        if let Some(number) = moment.number {
            self.numbers.insert(moment.correlation_id, number);
        }
        let fresh = || Row {
            id: moment.event_id,
            at: moment.at,
            kind: moment.kind.to_string(),
            source: moment.source,
            journey: moment.correlation_id,
            published: false,
            outcomes: BTreeMap::new(),
        };
        let is_new = !self.rows.contains_key(&moment.event_id);
        let row = self.rows.entry(moment.event_id).or_insert_with(fresh);
        let changed = row.take(moment) || is_new || (moment.number.is_some() && !known_number);
        self.forget();
        changed && self.rows.contains_key(&moment.event_id)
    }

    fn forget(&mut self) {
        while self.rows.len() > ROWS {
            let oldest = self.rows.values().min_by_key(|row| (row.at, row.id)).map(|row| row.id);
            let Some(oldest) = oldest else { return };
            self.rows.remove(&oldest);
        }
        let rows = &self.rows;
        self.numbers.retain(|journey, _| rows.values().any(|row| row.journey == *journey));
    }

    /// Newest first.
    pub(super) fn rows(&self) -> Vec<RowView> {
        let mut rows: Vec<_> = self.rows.values().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.id)));
        rows.into_iter().map(|row| self.view(row)).collect()
    }

    pub(super) fn row(&self, id: EventId) -> Option<RowView> {
        self.rows.get(&id).map(|row| self.view(row))
    }

    /// The orders these events are about, newest first, with what was last heard of each.
    pub(super) fn orders(&self) -> Vec<OrderView> {
        let mut last: HashMap<Uuid, (OffsetDateTime, &str)> = HashMap::new();
        for row in self.rows.values() {
            let Some(state) = row.kind.strip_prefix("order.") else { continue };
            let entry = last.entry(row.journey).or_insert((row.at, state));
            if entry.0 < row.at {
                *entry = (row.at, state);
            }
        }
        let mut orders: Vec<_> = last.into_iter().collect();
        orders.sort_by_key(|(journey, (at, _))| std::cmp::Reverse((*at, *journey)));
        let view = |(journey, (_, state)): (Uuid, (_, &str))| OrderView {
            name: self.name(journey),
            journey,
            state: if state == "created" { "pending".to_owned() } else { state.to_owned() },
        };
        orders.into_iter().take(ORDERS).map(view).collect()
    }

    /// An order's number; the beginning of the id of what has none.
    fn name(&self, journey: Uuid) -> String {
        self.numbers.get(&journey).map_or_else(|| short(journey), |number| format!("order {number}"))
    }

    fn view(&self, row: &Row) -> RowView {
        RowView {
            id: row.id,
            at: words::clock(row.at),
            kind: row.kind.clone(),
            source: row.source.short(),
            chips: row.chips(),
            journey: row.journey,
            name: self.name(row.journey),
        }
    }
}

fn short(id: Uuid) -> String {
    // The last digits: the first are the time, and alike.
    let text = id.simple().to_string();
    format!("…{}", &text[text.len() - 6..])
}

impl Row {
    fn take(&mut self, moment: &Moment) -> bool {
        self.at = self.at.min(moment.at);
        match moment.what {
            What::Announced => false,
            What::Published => !std::mem::replace(&mut self.published, true),
            what => {
                // That it came once more says nothing of what became of it.
                let counts = self.outcomes.get(&moment.service).is_none_or(|(at, known, _)| match (known, what) {
                    (_, What::Duplicate) => false,
                    (What::Duplicate, _) => true,
                    _ => *at < moment.at,
                });
                if counts {
                    self.outcomes.insert(moment.service, (moment.at, what, moment.micros));
                }
                counts
            }
        }
    }

    fn chips(&self) -> Vec<Chip> {
        let subscribers = events::find(&self.kind).map_or(&[][..], |known| known.subscribers);
        let unexpected = self.outcomes.keys().filter(|service| !subscribers.contains(service));
        let mut chips: Vec<_> = subscribers.iter().chain(unexpected).map(|service| self.chip(*service)).collect();
        if chips.is_empty() && self.published {
            chips.push(Chip { class: "done", text: "published, for whoever listens".to_owned() });
        } else if chips.is_empty() && events::find(&self.kind).is_some_and(|known| !known.is_published()) {
            chips.push(Chip { class: "done", text: "kept in its log, nobody needs it".to_owned() });
        } else if !self.published && self.outcomes.is_empty() {
            chips.insert(0, Chip { class: "held", text: "in the outbox".to_owned() });
        }
        chips
    }

    fn chip(&self, service: ServiceName) -> Chip {
        let name = service.short();
        let Some((_, what, micros)) = self.outcomes.get(&service) else {
            return Chip { class: "open", text: format!("{name} …") };
        };
        let took = micros.and_then(|micros| i64::try_from(micros).ok()).map(words::span);
        let took = took.map(|took| format!(" {took}")).unwrap_or_default();
        match what {
            What::Done => Chip { class: "done", text: format!("{name} ✓{took}") },
            What::Duplicate => Chip { class: "done", text: format!("{name} knew it") },
            What::Failed => Chip { class: "failed", text: format!("{name} failed, tries again") },
            What::Dead => Chip { class: "dead", text: format!("{name} gave up") },
            What::Announced | What::Published => Chip { class: "open", text: format!("{name} …") },
        }
    }
}

/// An event as its line shows it.
#[derive(Template)]
#[template(path = "flow_row.html")]
pub(super) struct RowView {
    pub(super) id: EventId,
    at: String,
    kind: String,
    source: &'static str,
    chips: Vec<Chip>,
    journey: Uuid,
    name: String,
}

/// What became of an event at one consumer.
struct Chip {
    class: &'static str,
    text: String,
}

/// An order as the list of the last ones shows it.
pub(super) struct OrderView {
    journey: Uuid,
    name: String,
    state: String,
}

#[derive(Template)]
#[template(path = "flow_orders.html")]
pub(super) struct OrdersView {
    pub(super) orders: Vec<OrderView>,
}

#[derive(Template)]
#[template(source = "{% for row in rows %}{{ row|safe }}{% endfor %}", ext = "html")]
pub(super) struct RowsView {
    pub(super) rows: Vec<RowView>,
}

#[cfg(test)]
mod tests;
