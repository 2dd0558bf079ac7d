//! What services gave up acting on: listed, shown, tried again, dropped.

use super::{Clerk, platform};
use crate::{
    account::moment,
    asked::{Asked, Filled, Named},
    form::{Field, Form, Trouble},
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{
    ServiceName,
    access::{Permission, ReadEvents, ReplayEvents},
    api::operators::{DeadLetterStatus, DeadLetterView, DropBody},
};
use http::Method;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use std::cmp::Reverse;
use uuid::Uuid;

const HERE: &str = "/office/dead-letters";

#[derive(Template)]
#[template(path = "office/dead_letters.html")]
struct LettersPage {
    wanted: Option<ServiceName>,
    dropped: bool,
    letters: Vec<(ServiceName, DeadLetterView)>,
    older: Vec<(ServiceName, String)>,
    away: Vec<ServiceName>,
    done: &'static str,
    trouble: Option<Trouble>,
}

#[derive(Template)]
#[template(path = "office/dead_letter.html")]
struct LetterPage {
    service: ServiceName,
    letter: DeadLetterView,
    /// As it was received.
    envelope: String,
    /// Whether they may decide what becomes of it.
    decides: bool,
    drop: Form,
    trouble: Option<Trouble>,
}

impl LetterPage {
    fn can_be_replayed(&self) -> bool {
        self.decides && self.letter.can_be_replayed
    }

    fn can_be_dropped(&self) -> bool {
        self.decides && self.letter.status == DeadLetterStatus::Dead
    }
}

/// Where one stands, in words.
fn told(status: DeadLetterStatus) -> &'static str {
    match status {
        DeadLetterStatus::Dead => "given up",
        DeadLetterStatus::Dropped => "dropped",
        DeadLetterStatus::Waiting => "being tried again",
    }
}

#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    service: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

/// Whose letter it is: one event may be dead at several services.
#[derive(Deserialize)]
pub(crate) struct Whose {
    #[serde(default)]
    service: String,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    service: String,
    /// `replay` or `drop`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn list(clerk: Clerk<ReadEvents>, Asked(wish): Asked<Wish>) -> Response {
    let (wanted, dropped) = (platform::named(&wish.service), wish.state == "dropped");
    let query = [("dropped", if dropped { "true" } else { "" }), ("after", wanted.map_or("", |_| &wish.after))];
    let mut answers = match platform::ask::<DeadLetterView>(&clerk, wanted, "/dead-letters", &query).await {
        Ok(answers) => answers,
        Err(answer) => return answer,
    };
    answers.items.sort_by_key(|(_, letter)| Reverse(letter.received_at));
    let state = if dropped { "dropped" } else { "" };
    let page = LettersPage {
        wanted,
        dropped,
        older: platform::older(HERE, &[("state", state)], &answers.older),
        letters: answers.items,
        away: answers.away,
        done: match &*wish.done {
            "replay" => "It is tried again. If it fails once more, it comes back here.",
            "drop" => "It is dropped, and will never be acted on.",
            _ => "",
        },
        trouble: answers.refusal.as_ref().map(Trouble::saying),
    };
    platform::page(answers.refusal.as_ref(), &page)
}

pub(crate) async fn show(clerk: Clerk<ReadEvents>, Named(id): Named, Asked(whose): Asked<Whose>) -> Response {
    let (Ok(id), Some(service)) = (id.parse(), platform::named(&whose.service)) else {
        return layout::not_found().await;
    };
    shown(&clerk, service, id, "", None).await
}

async fn shown(member: &Member, service: ServiceName, id: Uuid, reason: &str, refusal: Option<Refusal>) -> Response {
    let path = format!("{}/dead-letters/{id}", platform::prefix(service));
    let letter: DeadLetterView = match member.ask(Call::of(service, Method::GET, &path)).await {
        Ok(letter) => letter,
        Err(stopped) => return stopped.page(),
    };
    let mut drop = Form::new("drop", format!("{HERE}/{id}"), "Drop it")
        .hidden("service", service.as_str())
        .hidden("act", "drop")
        .with(
            Field::text("reason", "Why it is never to be acted on", "off")
                .hint("For whoever asks later.")
                .typed(reason),
        );
    let page = LetterPage {
        service,
        envelope: pretty(letter.envelope.as_ref()),
        letter,
        decides: member.permissions().contains(Permission::ReplayEvents),
        trouble: refusal.as_ref().map(|refusal| drop.refused(refusal)),
        drop,
    };
    platform::page(refusal.as_ref(), &page)
}

/// As people read it. What could not be read is a text, and shown as it came.
pub(super) fn pretty(envelope: Option<&serde_json::Value>) -> String {
    match envelope {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(envelope) => serde_json::to_string_pretty(envelope).unwrap_or_default(),
        None => String::new(),
    }
}

pub(crate) async fn act(clerk: Clerk<ReplayEvents>, Named(id): Named, Filled(filling): Filled<Filling>) -> Response {
    let (Ok(id), Some(service)) = (id.parse::<Uuid>(), platform::named(&filling.service)) else {
        return layout::not_found().await;
    };
    let path = format!("{}/dead-letters/{id}", platform::prefix(service));
    let done = match &*filling.act {
        "replay" => decide(&clerk, service, &format!("{path}/replay"), &json!({})).await,
        "drop" => {
            let body = json!(DropBody { reason: filling.reason.clone() });
            decide(&clerk, service, &format!("{path}/drop"), &body).await
        }
        _ => return layout::not_found().await,
    };
    match done {
        Ok(()) => Redirect::to(&format!("{HERE}?done={}", filling.act)).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&clerk, service, id, &filling.reason, Some(cause.into())).await,
    }
}

async fn decide(member: &Member, service: ServiceName, path: &str, body: &serde_json::Value) -> Result<(), Stopped> {
    member.ask::<IgnoredAny>(Call::of(service, Method::POST, path).with_body(body)).await.map(drop)
}
