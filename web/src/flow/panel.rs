//! A service's state in words and numbers, for its box and its line in the table.

use super::{
    services::{Answers, Silence},
    words,
};
use contracts::ServiceName;
use serde::Serialize;
use service_kit::flow::{Now, Queue, Store};

/// An event that lies in the outbox for longer is held up by something.
const HELD_UP: i64 = 5_000_000;

/// How urgent a state is; the page colours by it, and always says it in words too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tone {
    Well,
    /// Something waits that should be gone soon.
    Busy,
    /// Somebody should look.
    Ill,
    Away,
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Busy => "busy",
            Self::Ill => "ill",
            Self::Away => "away",
        }
    }
}

/// All of it as it is shown, so that page and stream say the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Panel {
    pub(super) service: ServiceName,
    pub(super) tone: Tone,
    pub(super) state: String,
    pub(super) outbox: String,
    /// How long the oldest has been lying there.
    pub(super) oldest: String,
    pub(super) queue: String,
    /// The broker's queue of what it gave up.
    pub(super) dead_queue: String,
    pub(super) retry: String,
    pub(super) dead: String,
    pub(super) minute: String,
}

impl Panel {
    fn of(service: ServiceName, answer: &Result<Now, Silence>) -> Self {
        let unknown = || "?".to_owned();
        let mut panel = Self {
            service,
            tone: Tone::Away,
            state: String::new(),
            outbox: unknown(),
            oldest: "–".to_owned(),
            queue: unknown(),
            dead_queue: unknown(),
            retry: unknown(),
            dead: unknown(),
            minute: String::new(),
        };
        let now = match answer {
            Ok(now) => now,
            Err(silence) => {
                panel.state = silence.to_string();
                return panel;
            }
        };
        (panel.tone, panel.state) = state(now);
        let counts = now.last_minute;
        panel.minute = format!("{} out, {} in a minute", counts.announced, counts.done);
        if let Some(store) = &now.store {
            panel.outbox = store.outbox.to_string();
            panel.oldest = age(now, store).map_or_else(|| "–".to_owned(), words::span);
            panel.retry = store.waiting.to_string();
            panel.dead = store.dead.to_string();
        }
        match now.queue {
            Queue::None => (panel.queue, panel.dead_queue) = ("–".to_owned(), "–".to_owned()),
            Queue::Away => {}
            Queue::Holds { events, dead } => (panel.queue, panel.dead_queue) = (events.to_string(), dead.to_string()),
        }
        panel
    }
}

/// The most urgent thing to say.
fn state(now: &Now) -> (Tone, String) {
    let Some(store) = &now.store else { return (Tone::Ill, "its database is away".to_owned()) };
    if now.queue == Queue::Away || now.bus.starts_with("rabbitmq: away") {
        return (Tone::Ill, "the broker is away".to_owned());
    }
    let held_up = age(now, store).filter(|age| *age > HELD_UP);
    match (store.dead, store.waiting, held_up) {
        (dead @ 1.., _, _) => (Tone::Ill, words::count(dead, "dead letter")),
        (_, _, Some(age)) => (Tone::Busy, format!("outbox held up {}", words::span(age))),
        (_, waiting @ 1.., _) => (Tone::Busy, format!("tries {} again", words::count(waiting, "event"))),
        _ => (Tone::Well, "running".to_owned()),
    }
}

/// How long the oldest event has been lying in the outbox, in microseconds.
fn age(now: &Now, store: &Store) -> Option<i64> {
    let age = (now.at - store.oldest?).whole_microseconds().max(0);
    Some(i64::try_from(age).unwrap_or(i64::MAX))
}

/// All services' panels, and in a sentence how their events travel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Panels {
    pub(super) services: Vec<Panel>,
    pub(super) bus: String,
    pub(super) bus_tone: Tone,
    /// When they were asked.
    pub(super) at: String,
}

impl Panels {
    pub(super) fn of(answers: &Answers<Now>) -> Self {
        let services = answers.iter().map(|(service, answer)| Panel::of(*service, answer)).collect();
        let known = || answers.values().filter_map(|answer| answer.as_ref().ok());
        let (bus_tone, bus) = bus(known());
        let at = known().map(|now| now.at).max().map(words::clock).unwrap_or_default();
        Self { services, bus, bus_tone, at }
    }
}

fn bus<'a>(known: impl Iterator<Item = &'a Now>) -> (Tone, String) {
    let (mut broker, mut away, mut local) = (false, false, false);
    for now in known {
        away |= now.queue == Queue::Away || now.bus.starts_with("rabbitmq: away");
        broker |= matches!(now.queue, Queue::Holds { .. });
        local |= now.queue == Queue::None;
    }
    match (away, broker, local) {
        (true, ..) => {
            (Tone::Ill, "RabbitMQ does not answer: events wait in the outboxes, and orders are still taken.".to_owned())
        }
        (_, true, _) => (Tone::Well, "Events travel over RabbitMQ.".to_owned()),
        (_, _, true) => (
            Tone::Well,
            "Events are handed over inside the process: there is no broker, so there are no queues.".to_owned(),
        ),
        _ => (Tone::Away, "No service can be asked how events travel.".to_owned()),
    }
}
