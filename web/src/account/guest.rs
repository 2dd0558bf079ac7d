//! `/guest?token=`: where the link of a mail about a guest's order leads. Opening it changes nothing; one button puts what was
//! ordered into the account of the address, the other has the address forgotten.

use super::mailed::{self, Link};
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
use contracts::api::guest::{GuestLinkBody, GuestLinkView};
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};

#[derive(Template)]
#[template(path = "account/guest.html")]
struct GuestPage {
    link: GuestLinkView,
    token: String,
    trouble: Option<Trouble>,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    token: String,
    /// `join` or `forget`.
    #[serde(default)]
    act: String,
}

async fn followed(app: &App, body: &GuestLinkBody) -> Result<GuestLinkView, UpstreamError> {
    app.upstream.ask(&Call::post("/auth/guests/link", body)).await
}

pub(crate) async fn ask(State(app): State<App>, Asked(link): Asked<Link>) -> Response {
    let body = match link.token() {
        Ok(token) => GuestLinkBody { token: token.to_owned() },
        Err(incomplete) => return incomplete,
    };
    match followed(&app, &body).await {
        Ok(link) => layout::secret_page(StatusCode::OK, &GuestPage { link, token: body.token, trouble: None }),
        Err(cause) => Refusal::from(cause).page_in_secret(),
    }
}

pub(crate) async fn act(State(app): State<App>, Filled(Filling { token, act }): Filled<Filling>) -> Response {
    let body = GuestLinkBody { token };
    let forgets = act == "forget";
    let path = if forgets { "/auth/guests/forget" } else { "/auth/guests/join" };
    match app.upstream.ask::<IgnoredAny>(&Call::post(path, &body)).await {
        Ok(_) if forgets => {
            let ways = &[("/", t!("to-the-shop"))];
            layout::page(
                StatusCode::OK,
                &Done { title: &t!("guest-forgotten"), text: &t!("guest-forgotten-text"), ways },
            )
        }
        Ok(_) => mailed::done(&t!("guest-joined"), &t!("guest-joined-text")),
        Err(cause) => refused(&app, body, &cause.into()).await,
    }
}

/// The page once more, with why.
async fn refused(app: &App, body: GuestLinkBody, refusal: &Refusal) -> Response {
    match followed(app, &body).await {
        Ok(link) => {
            let page = GuestPage { link, token: body.token, trouble: Some(Trouble::saying(refusal)) };
            refusal.stamped(layout::page(refusal.status, &page))
        }
        Err(_) => refusal.page(),
    }
}
