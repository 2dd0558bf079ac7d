//! `/account/messages`: what one was told, the newest first; `/account/messages/{id}`: one of them, which is read by that.

use crate::{
    asked::{Asked, Filled, Named},
    layout,
    member::{Member, Stopped},
    upstream::{Call, Page, UpstreamError},
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{
    MessageId,
    api::notify::{NotificationView, UnreadCountView},
};
use http::{HeaderMap, Method, StatusCode};
use serde::{Deserialize, de::IgnoredAny};

#[derive(Template)]
#[template(path = "account/messages.html")]
struct MessagesPage {
    messages: Vec<NotificationView>,
    /// How many are not read yet, of all.
    unread: i64,
    next: Option<String>,
    all_read: bool,
}

#[derive(Template)]
#[template(path = "account/message.html")]
struct MessagePage {
    message: NotificationView,
}

#[derive(Deserialize)]
pub(crate) struct Place {
    after: Option<String>,
    /// What was done a moment ago.
    #[serde(default)]
    done: String,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    /// `read`
    #[serde(default)]
    act: String,
}

/// How many they have not read; none where that cannot be asked.
pub(super) async fn unread(member: &Member) -> Option<i64> {
    let count = member.ask::<UnreadCountView>(Call::notify(Method::GET, "/notifications/unread-count")).await;
    count.ok().map(|count| count.unread)
}

pub(crate) async fn list(member: Member, Asked(place): Asked<Place>) -> Response {
    let query = place.after.as_deref().map(|after| ("after", after));
    let asked = member.ask::<Page<NotificationView>>(Call::notify(Method::GET, "/notifications").with_query(query));
    let (page, unread) = tokio::join!(asked, unread(&member));
    match page {
        Ok(Page { items: messages, next }) => {
            let next = next.map(|next| {
                let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("after", &next).finish();
                format!("/account/messages?{query}")
            });
            let all_read = place.done == "read";
            let here = || messages.iter().filter(|message| message.read_at.is_none()).count();
            let unread = unread.unwrap_or_else(|| i64::try_from(here()).unwrap_or_default());
            layout::page(StatusCode::OK, &MessagesPage { messages, unread, next, all_read })
        }
        Err(stopped) => stopped.page(),
    }
}

/// All are read.
pub(crate) async fn act(member: Member, Filled(filling): Filled<Filling>) -> Response {
    if filling.act != "read" {
        return Redirect::to("/account/messages").into_response();
    }
    match member.ask::<IgnoredAny>(Call::notify(Method::POST, "/notifications/read-all")).await {
        Ok(_) => Redirect::to("/account/messages?done=read").into_response(),
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn show(member: Member, Named(id): Named, headers: HeaderMap) -> Response {
    let Ok(id) = id.parse::<MessageId>() else { return layout::not_found().await };
    if is_fetched_ahead(&headers) {
        // Nobody has read it.
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match member.ask(Call::notify(Method::POST, &format!("/notifications/{id}/read"))).await {
        Ok(message) => layout::page(StatusCode::OK, &MessagePage { message }),
        Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.status == StatusCode::NOT_FOUND => {
            layout::not_found().await
        }
        Err(stopped) => stopped.page(),
    }
}

/// By a browser that thinks somebody may want to see it (Fetch, `Sec-Purpose`).
fn is_fetched_ahead(headers: &HeaderMap) -> bool {
    let told = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    ["sec-purpose", "purpose"].into_iter().filter_map(told).any(|purpose| purpose.contains("prefetch"))
}
