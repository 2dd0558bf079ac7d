use super::{Story, Told, micros};
use contracts::{
    Event,
    ServiceName::{self, Notify, Order, Payment, Product},
};
use service_kit::flow::{Arrival, Span, SpanKind};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

fn told(id: u128, millis: i64, source: ServiceName, kind: &str) -> Told {
    let event = Event {
        id: Uuid::from_u128(id).into(),
        source,
        kind: kind.to_owned(),
        subject: Uuid::nil(),
        sequence: 1,
        time: at(millis),
        correlation_id: Uuid::nil(),
        causation_id: None,
        traceparent: None,
        data: serde_json::Value::Null,
    };
    Told { event, pending: false }
}

fn arrived(id: u128, millis: i64) -> Arrival {
    let (event_id, status) = (Uuid::from_u128(id), "done".to_owned());
    Arrival { event_id, at: at(millis), status, attempts: 0, next_at: None, reason: None }
}

fn span(service: ServiceName, name: &str, start: i64, millis: u64) -> Span {
    Span {
        service,
        trace_id: String::new(),
        span_id: String::new(),
        parent_id: None,
        name: name.to_owned(),
        kind: SpanKind::Server,
        start: at(start),
        micros: millis * 1000,
        failed: false,
        attributes: BTreeMap::new(),
    }
}

fn at(millis: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(millis)
}

#[test]
fn a_long_pause_begins_a_new_chapter() {
    let story = Story {
        events: vec![told(1, 10, Order, "order.created"), told(2, 600_000, Order, "order.cancelled")],
        arrivals: vec![(Payment, arrived(1, 40)), (Product, arrived(2, 600_030))],
        spans: vec![span(Order, "POST /orders", 0, 20)],
    };
    let chapters = story.chapters();
    let lanes = |index: usize| chapters[index].drawing.lanes.iter().map(|lane| lane.service).collect::<Vec<_>>();
    assert_eq!((chapters.len(), story.start()), (2, micros(at(0))));
    assert_eq!((chapters[0].later.as_deref(), lanes(0)), (None, vec![Order, Payment]));
    assert_eq!((chapters[1].later.as_deref(), lanes(1)), (Some("9 min 59 s later"), vec![Order, Product]));
    // The order stays what it became.
    let states = chapters.iter().map(|chapter| chapter.drawing.states.iter().map(|state| state.name.as_str()));
    assert_eq!(states.flatten().collect::<Vec<_>>(), ["pending", "cancelled"]);
}

#[test]
fn an_event_is_linked_to_each_place_it_reached() {
    let story = Story {
        events: vec![told(1, 0, Order, "order.created")],
        arrivals: vec![(Payment, arrived(1, 40)), (Notify, arrived(1, 50))],
        spans: Vec::new(),
    };
    let drawing = &story.chapters()[0].drawing;
    assert_eq!((drawing.marks.len(), drawing.links.len(), drawing.lanes.len()), (3, 2, 3));
    assert!(drawing.links.iter().all(|link| link.path.starts_with("M134.0 ")), "both begin where it was announced");
}

#[test]
fn spans_at_one_time_lie_in_rows_of_their_own() {
    let spans = vec![span(Order, "POST /orders", 0, 100), span(Order, "first", 10, 20), span(Order, "second", 70, 20)];
    let drawing = &Story { events: Vec::new(), arrivals: Vec::new(), spans }.chapters()[0].drawing;
    let rows: Vec<_> = drawing.bars.iter().map(|bar| (bar.text.as_str(), bar.y)).collect();
    let first = rows[0].1;
    assert_eq!(rows, [("POST /orders 100 ms", first), ("first 20 ms", first + 19.0), ("second 20 ms", first + 19.0)]);
    assert!(drawing.bars.iter().all(|bar| bar.x >= 134.0 && bar.x + bar.width <= 944.5));
}

#[test]
fn a_journey_of_one_moment_is_drawn() {
    let story = Story { events: vec![told(1, 0, Order, "order.created")], arrivals: Vec::new(), spans: Vec::new() };
    let drawing = &story.chapters()[0].drawing;
    let ticks: Vec<_> = drawing.ticks.iter().map(|tick| tick.text.as_str()).collect();
    assert_eq!(ticks, ["0", "1 ms", "2 ms", "3 ms", "4 ms", "5 ms"]);
}
