//! `/logout`: the session ends, here and in user-service.

use crate::{
    layout::{self, Notice},
    member::{Member, Stopped},
    upstream::Call,
};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::de::IgnoredAny;

pub(crate) async fn log_out(member: Result<Member, Response>) -> Response {
    // Not by way of a log-in, as from pages that are for somebody.
    let Ok(member) = member else { return Redirect::to("/").into_response() };
    let ended = member.ask::<IgnoredAny>(Call::post("/auth/logout", &())).await;
    // Whatever came of it: who wants to be logged out here is.
    member.forget();
    match ended {
        Ok(_) | Err(Stopped::LoginOver(_)) => Redirect::to("/").into_response(),
        Err(Stopped::Failed(cause)) => {
            tracing::warn!(%cause, "a session was forgotten by its browser and could not be ended");
            let notice = Notice { title: &t!("logged-out-here"), text: &t!("logged-out-here-text") };
            layout::page(StatusCode::SERVICE_UNAVAILABLE, &notice)
        }
    }
}
