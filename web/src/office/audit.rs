//! Who of the staff did what, at all five services.

use super::{Clerk, platform};
use crate::{account::moment, asked::Asked, form::Trouble};
use askama::Template;
use axum::response::Response;
use contracts::{ServiceName, access::ReadAudit, api::operators::AuditView};
use serde::Deserialize;
use std::cmp::Reverse;

const HERE: &str = "/office/audit";

#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    service: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "office/audit.html")]
struct AuditPage {
    wish: Wish,
    wanted: Option<ServiceName>,
    entries: Vec<(ServiceName, AuditView)>,
    older: Vec<(ServiceName, String)>,
    away: Vec<ServiceName>,
    trouble: Option<Trouble>,
}

/// What changed, on a line.
fn changed(entry: &AuditView) -> String {
    let side = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
    match (side(&entry.before), side(&entry.after)) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (Some(before), None) => format!("{before} → gone"),
        (None, Some(after)) => after,
        (None, None) => String::new(),
    }
}

pub(crate) async fn list(clerk: Clerk<ReadAudit>, Asked(wish): Asked<Wish>) -> Response {
    let (actor, subject, action) = (wish.actor.trim(), wish.subject.trim(), wish.action.trim());
    let filters = [("actor", actor), ("subject", subject), ("action", action)];
    let wanted = platform::named(&wish.service);
    let place = [("after", wanted.map_or("", |_| &*wish.after))];
    let query = [&filters[..], &place[..]].concat();
    let mut answers = match platform::ask::<AuditView>(&clerk, wanted, "/audit", &query).await {
        Ok(answers) => answers,
        Err(answer) => return answer,
    };
    answers.items.sort_by_key(|(_, entry)| Reverse(entry.at));
    let page = AuditPage {
        older: platform::older(HERE, &filters, &answers.older),
        wanted,
        entries: answers.items,
        away: answers.away,
        trouble: answers.refusal.as_ref().map(Trouble::saying),
        wish,
    };
    platform::page(answers.refusal.as_ref(), &page)
}
