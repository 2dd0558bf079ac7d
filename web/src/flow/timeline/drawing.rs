//! One chapter's picture: what stands where.

use super::{
    chapter::{self, Part},
    scale::{self, Label, Scale, Tick, WIDTH},
    story::{Story, micros},
};
use crate::flow::words;
use contracts::ServiceName;
use service_kit::flow::{Span, SpanKind};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Below the strip of states and the axis.
const TOP: f64 = 46.0;
const SPAN_ROW: f64 = 19.0;
const MARK_ROW: f64 = 19.0;
const PADDING: f64 = 7.0;

pub(crate) struct Drawing {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) ticks: Vec<Tick>,
    pub(crate) states: Vec<State>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) bars: Vec<Bar>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) links: Vec<Link>,
}

/// What the order was, for how long.
pub(crate) struct State {
    pub(crate) x: f64,
    pub(crate) width: f64,
    pub(crate) name: String,
}

pub(crate) struct Lane {
    pub(crate) service: ServiceName,
    pub(crate) y: f64,
    pub(crate) height: f64,
}

/// A span.
pub(crate) struct Bar {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) class: &'static str,
    pub(crate) failed: bool,
    pub(crate) text: String,
    pub(crate) text_x: f64,
    pub(crate) anchor: &'static str,
    pub(crate) inside: bool,
}

/// Where an event was announced, or where it arrived.
pub(crate) struct Mark {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// `announced`, or an arrival's status.
    pub(crate) class: String,
    /// Beside the mark; an arrival's is only shown when somebody points at it.
    pub(crate) text: String,
    pub(crate) text_x: f64,
    pub(crate) anchor: &'static str,
}

impl Mark {
    pub(crate) fn is_announced(&self) -> bool {
        self.class == "announced"
    }
}

/// An event's way from where it was announced to where it arrived.
pub(crate) struct Link {
    pub(crate) path: String,
}

impl Drawing {
    pub(super) fn of(story: &Story, part: Part, lanes: &[ServiceName]) -> Self {
        let mut pen =
            Pen { story, part, scale: Scale::of(part), y: TOP, announced: BTreeMap::new(), arrived: Vec::new() };
        let mut drawing = Self {
            width: WIDTH,
            height: 0.0,
            ticks: pen.scale.ticks(),
            states: pen.states(),
            lanes: Vec::new(),
            bars: Vec::new(),
            marks: Vec::new(),
            links: Vec::new(),
        };
        for service in lanes {
            pen.lane(*service, &mut drawing);
        }
        drawing.links = pen.links();
        drawing.height = pen.y + 2.0;
        drawing
    }
}

/// Draws lane after lane, downwards.
struct Pen<'a> {
    story: &'a Story,
    part: Part,
    scale: Scale,
    y: f64,
    /// Where each event's mark stands.
    announced: BTreeMap<Uuid, (f64, f64)>,
    arrived: Vec<(Uuid, f64, f64)>,
}

impl Pen<'_> {
    /// Nothing for a service that does nothing in this chapter.
    fn lane(&mut self, service: ServiceName, drawing: &mut Drawing) {
        let top = self.y;
        self.y += PADDING;
        self.arrivals(service, drawing);
        self.spans(service, drawing);
        self.events(service, drawing);
        if self.y > top + PADDING {
            self.y += PADDING;
            drawing.lanes.push(Lane { service, y: top, height: self.y - top });
        } else {
            self.y = top;
        }
    }

    fn arrivals(&mut self, service: ServiceName, drawing: &mut Drawing) {
        let here =
            self.story.arrivals.iter().filter(|(at, arrival)| *at == service && self.part.holds(micros(arrival.at)));
        let here: Vec<_> = here.map(|(_, arrival)| arrival).collect();
        if here.is_empty() {
            return;
        }
        let y = self.y + MARK_ROW / 2.0;
        for arrival in here {
            let x = self.scale.x(micros(arrival.at));
            let told = self.story.events.iter().find(|told| told.event.id.uuid() == arrival.event_id);
            let kind = told.map_or("an event", |told| told.event.kind.as_str());
            let text = format!("{kind} reached {service}: {}", arrival.status);
            drawing.marks.push(Mark { x, y, class: arrival.status.clone(), text, text_x: x, anchor: "start" });
            self.arrived.push((arrival.event_id, x, y));
        }
        self.y += MARK_ROW;
    }

    fn spans(&mut self, service: ServiceName, drawing: &mut Drawing) {
        let spans = self.story.spans.iter().filter(|span| span.service == service);
        let mut spans: Vec<_> = spans.filter(|span| self.part.holds(micros(span.start))).collect();
        // Of those that begin together, the one that holds the others first.
        spans.sort_by_key(|span| (micros(span.start), std::cmp::Reverse(span.micros)));
        let placed = |span: &Span| {
            let Part { start, end } = chapter::of_span(span);
            let x = self.scale.x(start);
            let (width, text) = ((self.scale.x(end) - x).max(2.0), label(span));
            let label = Scale::label(x, width, &text);
            (x, width, text, label)
        };
        let placed: Vec<_> = spans.iter().map(|span| placed(span)).collect();
        let (bars, labels): (Vec<_>, Vec<Label>) =
            placed.into_iter().map(|(x, width, text, label)| ((x, width, text), label)).unzip();
        let (rows, count) = scale::rows(&labels);
        for (((span, (x, width, text)), label), row) in spans.into_iter().zip(bars).zip(labels).zip(rows) {
            let y = down(self.y, row, SPAN_ROW);
            drawing.bars.push(Bar {
                x,
                y,
                width,
                class: class(span),
                failed: span.failed,
                text,
                text_x: label.x,
                anchor: label.anchor,
                inside: label.inside,
            });
        }
        self.y = down(self.y, count, SPAN_ROW);
    }

    fn events(&mut self, service: ServiceName, drawing: &mut Drawing) {
        let here = self.story.events.iter().map(|told| &told.event).filter(|event| event.source == service);
        let here: Vec<_> = here.filter(|event| self.part.holds(micros(event.time))).collect();
        let xs = here.iter().map(|event| self.scale.x(micros(event.time)));
        let labels: Vec<_> = xs.clone().zip(&here).map(|(x, event)| Scale::label(x - 6.0, 12.0, &event.kind)).collect();
        let (rows, count) = scale::rows(&labels);
        let xs: Vec<_> = xs.collect();
        for (((event, x), label), row) in here.into_iter().zip(xs).zip(labels).zip(rows) {
            let y = down(self.y, row, MARK_ROW) + MARK_ROW / 2.0;
            let (text, class) = (event.kind.clone(), "announced".to_owned());
            drawing.marks.push(Mark { x, y, class, text, text_x: label.x, anchor: label.anchor });
            self.announced.insert(event.id.uuid(), (x, y));
        }
        self.y = down(self.y, count, MARK_ROW);
    }

    /// Only between marks of this chapter.
    fn links(&self) -> Vec<Link> {
        let links = self.arrived.iter().filter_map(|(event, x, y)| {
            let (from_x, from_y) = self.announced.get(event)?;
            let middle = f64::midpoint(*from_y, *y);
            Some(Link {
                path: format!("M{from_x:.1} {from_y:.1}C{from_x:.1} {middle:.1} {x:.1} {middle:.1} {x:.1} {y:.1}"),
            })
        });
        links.collect()
    }

    fn states(&self) -> Vec<State> {
        let orders = self.story.events.iter().filter_map(|told| {
            let name = told.event.kind.strip_prefix("order.")?;
            let name = if name == "created" { "pending" } else { name };
            Some((micros(told.event.time), name))
        });
        let orders: Vec<_> = orders.collect();
        let ends = orders.iter().skip(1).map(|(at, _)| *at).chain([i64::MAX]);
        let within =
            orders.iter().zip(ends).filter(|((start, _), end)| *start <= self.part.end && *end > self.part.start);
        let states = within.map(|((start, name), end)| {
            let x = self.scale.x((*start).max(self.part.start));
            State { x, width: (self.scale.x(end.min(self.part.end)) - x).max(3.0), name: (*name).to_owned() }
        });
        states.collect()
    }
}

/// So many rows further down.
fn down(y: f64, rows: usize, height: f64) -> f64 {
    // A picture has some hundred rows at the most.
    y + f64::from(u16::try_from(rows).unwrap_or(u16::MAX)) * height
}

fn class(span: &Span) -> &'static str {
    if span.attributes.contains_key("db.namespace") {
        return "database";
    }
    match span.kind {
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer | SpanKind::Consumer => "message",
        SpanKind::Internal => "internal",
    }
}

/// The name, where a call went, and how long it took.
fn label(span: &Span) -> String {
    format!("{} {}", name(span), words::span(i64::try_from(span.micros).unwrap_or(i64::MAX)))
}

/// A call's name is its method only, by the semantic conventions.
pub(in crate::flow) fn name(span: &Span) -> String {
    let to = span.attributes.get("url.template").or_else(|| span.attributes.get("server.address"));
    match to.filter(|to| span.kind == SpanKind::Client && class(span) == "client" && !span.name.contains(to.as_str())) {
        Some(to) => format!("{} {to}", span.name),
        None => span.name.clone(),
    }
}
