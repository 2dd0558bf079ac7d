//! `/account/sessions`: where one is logged in, and how that ends: one, all others, or all.

use crate::{
    asked::{Asked, Filled},
    form::Trouble,
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::{Call, Page},
    words,
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{SessionId, api::account::SessionView};
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    sessions: Vec<SessionView>,
    ended: Option<Cow<'static, str>>,
    trouble: Option<Trouble>,
}

impl SessionsPage {
    fn seen(session: &SessionView) -> Cow<'static, str> {
        let (at, client) = (words::moment(&session.last_seen_at), &session.client);
        match &session.place {
            Some(place) => t!("session-seen-at", at = at, client = client, place = place),
            None => t!("session-seen", at = at, client = client),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Before {
    /// What was done on this page a moment ago.
    #[serde(default)]
    ended: String,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    /// A session's id, or `others`, or `all`.
    #[serde(default)]
    end: String,
}

pub(crate) async fn list(member: Member, Asked(before): Asked<Before>) -> Response {
    let ended = match &*before.ended {
        "one" => Some(t!("session-ended")),
        "others" => Some(t!("other-sessions-ended")),
        _ => None,
    };
    shown(&member, ended, None).await
}

/// The list, with what went wrong before on top.
async fn shown(member: &Member, ended: Option<Cow<'static, str>>, refusal: Option<Refusal>) -> Response {
    match member.ask::<Page<SessionView>>(Call::get("/auth/sessions")).await {
        Ok(Page { items: sessions, .. }) => {
            let trouble = refusal.as_ref().map(Trouble::saying);
            let page = layout::page(StatusCode::OK, &SessionsPage { sessions, ended, trouble });
            match refusal {
                Some(refusal) => refusal.stamped(page),
                None => page,
            }
        }
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn end(member: Member, Filled(Filling { end }): Filled<Filling>) -> Response {
    let one: Option<SessionId> = end.parse().ok();
    let path = one.map_or_else(|| "/auth/sessions".to_owned(), |id| format!("/auth/sessions/{id}"));
    let (call, done) = match (one, &*end) {
        (Some(id), _) if Some(id) == member.session_id() => (Call::delete(&path), "all"),
        (Some(_), _) => (Call::delete(&path), "one"),
        (None, "others") => (Call::delete(&path).with_query([("others", "true")]), "others"),
        (None, "all") => (Call::delete(&path), "all"),
        // Made up: nothing is ended.
        (None, _) => return Redirect::to("/account/sessions").into_response(),
    };
    match member.ask::<IgnoredAny>(call).await {
        // The one that asked is over too.
        Ok(_) if done == "all" => {
            member.forget();
            Redirect::to("/login").into_response()
        }
        Ok(_) => Redirect::to(&format!("/account/sessions?ended={done}")).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&member, None, Some(cause.into())).await,
    }
}
