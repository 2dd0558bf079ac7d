//! `/flow/orders/{name}`: one order's journey through the services, by its id or its number.

use super::{
    services::{Answers, Services},
    state::Flow,
    timeline::{self, Chapter, Story, Told},
    words,
};
use crate::{
    asked::{Asked as Parameters, Named},
    layout::{self, Notice},
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{RawEvent, ServiceName, events};
use http::StatusCode;
use serde::Deserialize;
use service_kit::{
    flow::{Arrival, Journey},
    pruning::first_id_of,
};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    order: String,
}

/// Where the overview's form leads.
pub(super) async fn look_up(Parameters(asked): Parameters<Asked>) -> Response {
    // An order's number as people write it.
    let name = asked.order.trim().trim_start_matches('#');
    if known_form(name) { Redirect::to(&format!("/flow/orders/{name}")).into_response() } else { unknown(name) }
}

pub(super) async fn journey(State(flow): State<Flow>, Named(name): Named) -> Response {
    if !known_form(&name) {
        return unknown(&name);
    }
    let answers = match gather(&flow.services, &name).await {
        Ok(answers) => answers,
        Err(refusal) => return refusal,
    };
    let Gathered { id, story, silent, pruned_to } = answers;
    let title = title(&story, id);
    let start = story.start();
    let page = JourneyPage {
        title,
        id,
        chapters: story.chapters(),
        told: told(&story, start),
        spans: spans(&story, start),
        open: open(&story, pruned_to),
        pruned: pruned_to.filter(|pruned| id < first_id_of(*pruned)).map(words::day_and_clock),
        traces: traces(&story),
        silent,
        state: state(&story),
    };
    layout::live_page(&page)
}

fn known_form(name: &str) -> bool {
    name.parse::<Uuid>().is_ok() || (name.len() <= 18 && name.parse::<u64>().is_ok())
}

fn unknown(name: &str) -> Response {
    let text = format!(
        "No service knows of an order “{name}”. An order is named by its number, such as 1001, or by its id, a UUID; the \
         flow page lists the last ones."
    );
    layout::page(StatusCode::NOT_FOUND, &Notice { title: "There is no such order", text: &text })
}

/// What the services know of a journey.
struct Gathered {
    id: Uuid,
    story: Story,
    silent: Vec<String>,
    /// Some service keeps nothing that is older.
    pruned_to: Option<OffsetDateTime>,
}

async fn gather(services: &Services, name: &str) -> Result<Gathered, Response> {
    let mut answers = services.journey(name).await;
    let id = answers.values().flatten().find_map(|journey| journey.id);
    let Some(id) = id else {
        // A number is known to one service alone.
        return Err(if answers.values().all(Result::is_ok) { unknown(name) } else { away() });
    };
    if name.parse::<Uuid>().is_err() {
        answers = services.journey(&id.to_string()).await;
    }
    let events = events_of(&answers);
    let pruned_to = answers.values().flatten().filter_map(|journey| journey.pruned_to).max();
    if let Some(pruned) = pruned_to.filter(|pruned| events.is_empty() && id < first_id_of(*pruned)) {
        return Err(forgotten(pruned));
    }
    if events.is_empty() {
        return Err(if answers.values().all(Result::is_ok) { unknown(name) } else { away() });
    }
    let ids: Vec<_> = events.iter().map(|told| told.event.id.uuid()).collect();
    let mut story = Story { events, arrivals: Vec::new(), spans: Vec::new() };
    let work = services.work(id, &ids, &traces(&story)).await;
    let mut silent = BTreeSet::new();
    for (service, answer) in &answers {
        silent.extend(answer.as_ref().err().map(|silence| format!("{service} {silence}")));
    }
    for (service, answer) in work {
        match answer {
            Ok(work) => {
                story.arrivals.extend(work.arrivals.into_iter().map(|arrival| (service, arrival)));
                story.spans.extend(work.spans);
            }
            Err(silence) => silent.extend([format!("{service} {silence}")]),
        }
    }
    Ok(Gathered { id, story, silent: silent.into_iter().collect(), pruned_to })
}

/// In order of time.
fn events_of(answers: &Answers<Journey>) -> Vec<Told> {
    let announced = answers.values().flatten().flat_map(|journey| &journey.announced);
    let told = announced.filter_map(|announced| {
        let event = RawEvent::from_json(announced.event.clone()).ok()?;
        Some(Told { event, pending: announced.pending })
    });
    let mut told: Vec<_> = told.collect();
    told.sort_by_key(|told| (told.event.time, told.event.id));
    told
}

fn forgotten(pruned: OffsetDateTime) -> Response {
    let text = format!(
        "The services keep no events from before {}, and this order is older. Its own page and `ecom timeline` still tell \
         what became of it.",
        words::day_and_clock(pruned)
    );
    layout::page(StatusCode::GONE, &Notice { title: "So long ago that its events are gone", text: &text })
}

fn away() -> Response {
    let text = "The services that know of this order do not answer at the moment, or show nothing (FLOW=off). Come again \
                in a minute.";
    layout::page(StatusCode::SERVICE_UNAVAILABLE, &Notice { title: "Not just now", text })
}

#[derive(Template)]
#[template(path = "flow_journey.html")]
struct JourneyPage {
    title: String,
    id: Uuid,
    /// What the order was last said to be.
    state: String,
    chapters: Vec<Chapter>,
    told: Vec<Line>,
    spans: Vec<Line>,
    open: Vec<String>,
    /// Until when events were deleted, of an order that is older.
    pruned: Option<String>,
    traces: Vec<String>,
    silent: Vec<String>,
}

/// A line of one of the two tables.
struct Line {
    /// For sorting: when it happened.
    at: OffsetDateTime,
    after: String,
    who: ServiceName,
    what: String,
    took: String,
    note: String,
    class: String,
}

fn title(story: &Story, id: Uuid) -> String {
    let number = story.events.iter().find_map(|told| told.event.data.get("number")?.as_i64());
    number.map_or_else(|| format!("Journey {id}"), |number| format!("Order {number}"))
}

fn state(story: &Story) -> String {
    let last = story.events.iter().rev().find_map(|told| told.event.kind.strip_prefix("order."));
    last.map_or("", |state| if state == "created" { "pending" } else { state }).to_owned()
}

/// The traces of the events, in order of appearance.
fn traces(story: &Story) -> Vec<String> {
    let mut traces: Vec<String> = Vec::new();
    for parent in story.events.iter().filter_map(|told| told.event.traceparent.as_deref()) {
        // 00-<trace>-<span>-<flags>
        let trace = parent.split('-').nth(1).unwrap_or_default();
        if !traces.iter().any(|known| known == trace) {
            traces.push(trace.to_owned());
        }
    }
    traces
}

fn after(at: OffsetDateTime, start: i64) -> String {
    words::span(timeline::micros(at) - start)
}

fn told(story: &Story, start: i64) -> Vec<Line> {
    let announced = story.events.iter().map(|told| {
        let known = events::find(&told.event.kind);
        let to: Vec<_> = known.map_or(&[][..], |known| known.subscribers).iter().map(|to| to.short()).collect();
        let to = match (to.is_empty(), known) {
            (true, Some(known)) if !known.is_published() => "kept in its log".to_owned(),
            (true, _) => "for whoever listens".to_owned(),
            (false, _) => format!("to {}", to.join(", ")),
        };
        Line {
            at: told.event.time,
            after: after(told.event.time, start),
            who: told.event.source,
            what: format!("announced {}", told.event.kind),
            took: String::new(),
            note: if told.pending { format!("{to}; still in the outbox") } else { to },
            class: if told.pending { "waiting" } else { "announced" }.to_owned(),
        }
    });
    let arrived = story.arrivals.iter().map(|(service, arrival)| {
        let event = story.events.iter().find(|told| told.event.id.uuid() == arrival.event_id);
        let kind = event.map_or("an event", |told| told.event.kind.as_str());
        Line {
            at: arrival.at,
            after: after(arrival.at, start),
            who: *service,
            what: deed(arrival, kind),
            took: String::new(),
            note: note(arrival),
            class: arrival.status.clone(),
        }
    });
    let mut lines: Vec<_> = announced.chain(arrived).collect();
    lines.sort_by_key(|line| line.at);
    lines
}

fn deed(arrival: &Arrival, kind: &str) -> String {
    match arrival.status.as_str() {
        "done" => format!("acted on {kind}"),
        "waiting" => format!("tries {kind} again"),
        "dead" => format!("gave up {kind}"),
        _ => format!("{kind} was dropped by hand"),
    }
}

fn note(arrival: &Arrival) -> String {
    let attempts = i64::from(arrival.attempts);
    let mut note = match (arrival.status.as_str(), attempts) {
        ("done", 0 | 1) => String::new(),
        ("done", attempts) => format!("at attempt {attempts}"),
        (_, attempts) => format!("{} failed", words::count(attempts, "attempt")),
    };
    if let Some(next_at) = arrival.next_at {
        note = format!("{note}, next at {}", words::clock(next_at));
    }
    if let Some(reason) = &arrival.reason {
        note = format!("{note}: {reason}");
    }
    note
}

fn spans(story: &Story, start: i64) -> Vec<Line> {
    let line = |span: &service_kit::flow::Span| Line {
        at: span.start,
        after: after(span.start, start),
        who: span.service,
        what: timeline::name(span),
        took: words::span(i64::try_from(span.micros).unwrap_or(i64::MAX)),
        note: span.attributes.get("http.response.status_code").cloned().unwrap_or_default(),
        class: if span.failed { "failed" } else { "" }.to_owned(),
    };
    let mut lines: Vec<_> = story.spans.iter().map(line).collect();
    lines.sort_by_key(|line| line.at);
    lines
}

/// What has not come to its end.
fn open(story: &Story, pruned_to: Option<OffsetDateTime>) -> Vec<String> {
    let mut open = Vec::new();
    for told in &story.events {
        let kind = &told.event.kind;
        if told.pending {
            open.push(format!("{kind} lies in the outbox of {}", told.event.source));
        }
        let subscribers = events::find(kind).map_or(&[][..], |known| known.subscribers);
        for service in subscribers {
            let arrival = story.arrivals.iter().find(|(at, it)| at == service && it.event_id == told.event.id.uuid());
            match arrival {
                None if pruned_to.is_some_and(|pruned| told.event.id.uuid() < first_id_of(pruned)) => {}
                None if !told.pending => open.push(format!("{service} has not acted on {kind} yet")),
                Some((_, arrival)) if arrival.status != "done" => {
                    open.push(format!("{service}: {}, {}", deed(arrival, kind), note(arrival)));
                }
                _ => {}
            }
        }
    }
    open
}
