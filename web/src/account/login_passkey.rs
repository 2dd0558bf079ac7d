//! `/login/passkey`: in place of the password. The passkey says whose it is; nobody need be named.

use super::{device, shown_passkey::ShownPasskey};
use crate::{
    asked::{Asked, Filled},
    form::{Form, FormPage},
    next::Next,
    refusal::Refusal,
    state::App,
    upstream::{Call, UpstreamError},
    visit::{Session, Visit},
};
use axum::{Extension, extract::State, response::Response};
use contracts::api::{account::LoginView, passkey::PasskeyQuestionView};
use http::HeaderMap;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Whither {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    next: String,
    #[serde(flatten)]
    passkey: ShownPasskey,
}

/// With a question of its own: each is good for one answer.
async fn page(app: &App, next: &Next) -> Result<FormPage, UpstreamError> {
    let question: PasskeyQuestionView = app.upstream.ask(&Call::post("/auth/login/passkey/begin", &())).await?;
    let form = Form::new("passkey", "/login/passkey", t!("use-passkey"))
        .hidden("next", next.as_str())
        .asking_for_passkey(question)
        .or(next.login(), t!("by-password"));
    Ok(FormPage::new(t!("log-in-passkey"), form).lead(t!("log-in-passkey-text")))
}

pub(crate) async fn ask(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Asked(whither): Asked<Whither>,
) -> Response {
    let next = Next::or_account(&whither.next);
    if visit.session().is_some() {
        return next.go();
    }
    match page(&app, &next).await {
        Ok(page) => page.shown(),
        Err(cause) => Refusal::from(cause).page(),
    }
}

pub(crate) async fn log_in(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    Filled(Filling { next, passkey }): Filled<Filling>,
) -> Response {
    let next = Next::or_account(&next);
    match show(&app, passkey, &headers).await {
        Ok(login) => {
            let mut answer = next.go();
            device::keep(&app, &mut answer, &login.device_token);
            visit.keep(Session::begun(login, app.clock.now()));
            answer
        }
        Err(cause) => match page(&app, &next).await {
            Ok(page) => page.refused(cause),
            Err(cause) => Refusal::from(cause).page(),
        },
    }
}

async fn show(app: &App, passkey: ShownPasskey, headers: &HeaderMap) -> Result<LoginView, UpstreamError> {
    let body = passkey.body()?;
    app.upstream.ask(&Call::post("/auth/login/passkey", &body).with_browser(headers)).await
}
