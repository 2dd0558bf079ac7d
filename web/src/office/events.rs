//! What the services announced: listed by journey, aggregate and type, and shown whole.

use super::{Clerk, dead_letters::pretty, platform};
use crate::{
    account::moment,
    asked::{Asked, Named},
    form::Trouble,
    layout,
    upstream::Call,
};
use askama::Template;
use axum::response::Response;
use contracts::{EventId, ServiceName, access::ReadEvents, api::operators::AnnouncedEventView};
use http::{Method, StatusCode};
use serde::Deserialize;
use std::cmp::Reverse;

const HERE: &str = "/office/events";

#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    service: String,
    #[serde(default)]
    journey: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    after: String,
}

#[derive(Deserialize)]
pub(crate) struct Whose {
    #[serde(default)]
    service: String,
}

#[derive(Template)]
#[template(path = "office/events.html")]
struct EventsPage {
    wish: Wish,
    wanted: Option<ServiceName>,
    events: Vec<(ServiceName, AnnouncedEventView)>,
    older: Vec<(ServiceName, String)>,
    away: Vec<ServiceName>,
    trouble: Option<Trouble>,
}

#[derive(Template)]
#[template(path = "office/event.html")]
struct EventPage {
    service: ServiceName,
    event: AnnouncedEventView,
    envelope: String,
}

pub(crate) async fn list(clerk: Clerk<ReadEvents>, Asked(wish): Asked<Wish>) -> Response {
    let (journey, subject, kind) = (wish.journey.trim(), wish.subject.trim(), wish.r#type.trim());
    let filters = [("journey", journey), ("subject", subject), ("type", kind)];
    let wanted = platform::named(&wish.service);
    let place = [("after", wanted.map_or("", |_| &*wish.after))];
    let query = [&filters[..], &place[..]].concat();
    let mut answers = match platform::ask::<AnnouncedEventView>(&clerk, wanted, "/events", &query).await {
        Ok(answers) => answers,
        Err(answer) => return answer,
    };
    answers.items.sort_by_key(|(_, event)| Reverse(event.announced_at));
    let page = EventsPage {
        older: platform::older(HERE, &filters, &answers.older),
        wanted,
        events: answers.items,
        away: answers.away,
        trouble: answers.refusal.as_ref().map(Trouble::saying),
        wish,
    };
    platform::page(answers.refusal.as_ref(), &page)
}

pub(crate) async fn show(clerk: Clerk<ReadEvents>, Named(id): Named, Asked(whose): Asked<Whose>) -> Response {
    let (Ok(id), Some(service)) = (id.parse::<EventId>(), platform::named(&whose.service)) else {
        return layout::not_found().await;
    };
    let path = format!("{}/events/{id}", platform::prefix(service));
    match clerk.ask::<AnnouncedEventView>(Call::of(service, Method::GET, &path)).await {
        Ok(event) => {
            let envelope = pretty(event.envelope.as_ref());
            layout::office_page(StatusCode::OK, &EventPage { service, event, envelope })
        }
        Err(stopped) => stopped.page(),
    }
}
