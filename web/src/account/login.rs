//! `/login`: a password against a session, which the browser keeps; or against the question for a second factor.

use super::{device, login_second_factor};
use crate::{
    asked::{Asked, Filled},
    form::{Field, Form, FormPage},
    next::Next,
    state::App,
    upstream::{Call, UpstreamError},
    visit::{Session, Visit},
};
use axum::{Extension, extract::State, response::Response};
use contracts::api::account::{LoginBody, LoginView};
use http::HeaderMap;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Whither {
    /// Where to go on; a path of ours, or it is passed over.
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

fn page(app: &App, email: &str, next: &Next) -> FormPage {
    let form = Form::new("login", "/login", t!("log-in"))
        .hidden("next", next.as_str())
        .with(Field::email(t!("email"), "username").typed(email))
        .with(Field::password("password", t!("password")));
    let form = if app.settings.passkeys { form.or(next.by_passkey(), t!("log-in-passkey")) } else { form };
    let page = FormPage::new(t!("log-in"), form);
    let page = match &app.settings.provider {
        Some(name) => page.way(next.by_provider(), t!("log-in-with", name = name)),
        None => page,
    };
    page.way("/forgot-password", t!("password-forgotten"))
        .way("/resend-verification", t!("no-mail-came"))
        .way("/register", t!("register"))
}

pub(crate) async fn ask(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Asked(whither): Asked<Whither>,
) -> Response {
    let next = Next::or_account(&whither.next);
    if visit.session().is_some() { next.go() } else { page(&app, "", &next).shown() }
}

pub(crate) async fn log_in(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    Filled(Filling { email, password, next }): Filled<Filling>,
) -> Response {
    let next = Next::or_account(&next);
    let body = LoginBody { email, password, device_token: device::known(&app, &headers) };
    match app.upstream.ask::<LoginView>(&Call::post("/auth/login", &body).with_browser(&headers)).await {
        Ok(login) => {
            let mut answer = next.go();
            device::keep(&app, &mut answer, &login.device_token);
            visit.keep(Session::begun(login, app.clock.now()));
            answer
        }
        Err(UpstreamError::Refused(refused)) if refused.code == "second_factor_required" => {
            login_second_factor::required(&app, refused, &next)
        }
        Err(cause) => page(&app, &body.email, &next).refused(cause),
    }
}
