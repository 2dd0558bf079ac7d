//! `/erasure?token=`: where the link of the mail about an erasure leads. It shows how far it is, also when there is no
//! account any more; opening it changes nothing. Until it begins there is a button that keeps the account.

use super::{
    mailed::Link,
    progress::{Did, Progress},
};
use crate::{
    asked::{Asked, Filled},
    form::Trouble,
    layout::{self, Done},
    refusal::Refusal,
    state::App,
    upstream::{Call, UpstreamError},
};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::api::personal_data::{ErasureStatus, ErasureTokenBody, ErasureView};
use http::StatusCode;
use serde::de::IgnoredAny;

#[derive(Template)]
#[template(path = "account/erasure.html")]
struct ErasurePage {
    erasure: ErasureView,
    token: String,
    trouble: Option<Trouble>,
}

impl ErasurePage {
    fn progress(&self) -> Progress<'_> {
        Progress { did: Did::Erase, services: &self.erasure.services }
    }
}

async fn progress(app: &App, body: &ErasureTokenBody) -> Result<ErasureView, UpstreamError> {
    app.upstream.ask(&Call::post("/auth/erasure/progress", body)).await
}

pub(crate) async fn show(State(app): State<App>, Asked(link): Asked<Link>) -> Response {
    let body = match link.token() {
        Ok(token) => ErasureTokenBody { token: token.to_owned() },
        Err(incomplete) => return incomplete,
    };
    match progress(&app, &body).await {
        Ok(erasure) => {
            let page = ErasurePage { erasure, token: body.token, trouble: None };
            layout::secret_page(StatusCode::OK, &page)
        }
        Err(cause) => Refusal::from(cause).page_in_secret(),
    }
}

pub(crate) async fn keep(State(app): State<App>, Filled(Link { token }): Filled<Link>) -> Response {
    let body = ErasureTokenBody { token };
    match app.upstream.ask::<IgnoredAny>(&Call::post("/auth/erasure/keep", &body)).await {
        Ok(_) => {
            let ways = &[("/account/password", t!("change-password")), ("/account", t!("your-account"))];
            layout::page(StatusCode::OK, &Done { title: &t!("erasure-kept"), text: &t!("erasure-kept-text"), ways })
        }
        Err(cause) => refused(&app, body, &cause.into()).await,
    }
}

/// Where the erasure stands, with why it goes on.
async fn refused(app: &App, body: ErasureTokenBody, refusal: &Refusal) -> Response {
    match progress(app, &body).await {
        Ok(erasure) => {
            let page = ErasurePage { erasure, token: body.token, trouble: Some(Trouble::saying(refusal)) };
            refusal.stamped(layout::page(refusal.status, &page))
        }
        Err(_) => refusal.page(),
    }
}
