//! `/login/second-factor`: the second step of a log-in. What the first one gave, a ticket, waits in a cookie meanwhile.

use super::{device, shown_passkey::ShownPasskey};
use crate::{
    asked::{Asked, Filled},
    cookies::{self, Kind},
    form::{Field, Form, FormPage},
    layout::{self, Done},
    next::Next,
    refusal::Refusal,
    state::App,
    upstream::{Call, Refused, UpstreamError},
    visit::{Session, Visit},
};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::api::{
    account::{LoginSecondFactorBody, LoginView},
    passkey::{SecondPasskeyBody, ShowPasskeyBody, TicketBody},
};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use time::Duration;

const COOKIE: Kind = Kind("__Host-second-factor");

const HERE: &str = "/login/second-factor";
const BY_PASSKEY: &str = "/login/second-factor?by=passkey";
const BEGIN_PASSKEY: &str = "/auth/login/second-factor/passkey/begin";

/// As long as the ticket.
const KEPT: Duration = Duration::minutes(10);

// Without `Debug`: it would end up in a log.
#[derive(Serialize, Deserialize)]
struct Waiting {
    ticket: String,
    methods: Vec<String>,
    next: String,
}

impl Waiting {
    fn can(&self, method: &str) -> bool {
        self.methods.iter().any(|known| known == method)
    }
}

#[derive(Deserialize)]
pub(crate) struct Whether {
    #[serde(default)]
    by: String,
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    code: String,
    /// Of a form that asked for a passkey.
    token: Option<String>,
    #[serde(default)]
    credential: String,
}

async fn page(app: &App, waiting: &Waiting, by_passkey: bool) -> Result<FormPage, UpstreamError> {
    let form = Form::new("second-factor", HERE, t!("log-in"));
    let (form, lead) = if by_passkey {
        let body = TicketBody { ticket: waiting.ticket.clone() };
        let form = form.asking_for_passkey(app.upstream.ask(&Call::post(BEGIN_PASSKEY, &body)).await?);
        let form = if waiting.can("totp") { form.or(HERE, t!("by-code")) } else { form };
        (form, t!("second-step-passkey"))
    } else {
        let form = form.with(Field::text("code", t!("form-code"), "one-time-code").refused_by("wrong_code"));
        let form = if waiting.can("passkey") { form.or(BY_PASSKEY, t!("by-passkey")) } else { form };
        let lead =
            if waiting.can("recovery_code") { t!("second-step-code-or-recovery") } else { t!("second-step-code") };
        (form, lead)
    };
    Ok(FormPage::new(t!("second-step"), form).lead(lead).way("/login", t!("begin-again")))
}

/// The answer to a password that is not enough.
pub(super) fn required(app: &App, refused: Refused, next: &Next) -> Response {
    let methods = refused.methods.clone();
    let Some(ticket) = refused.ticket.clone() else {
        // Nothing a person could do: it is said as whatever else went wrong.
        return Refusal::from(UpstreamError::Refused(refused)).page();
    };
    let mut answer = Redirect::to(HERE).into_response();
    app.cookies.set_for(&mut answer, COOKIE, &Waiting { ticket, methods, next: next.as_str().to_owned() }, KEPT);
    answer
}

pub(crate) async fn ask(State(app): State<App>, headers: HeaderMap, Asked(whether): Asked<Whether>) -> Response {
    let Some(waiting) = app.cookies.read::<Waiting>(COOKIE, &headers) else {
        return Redirect::to("/login").into_response();
    };
    let by_passkey = waiting.can("passkey") && (whether.by == "passkey" || !waiting.can("totp"));
    match page(&app, &waiting, by_passkey).await {
        Ok(page) => page.shown(),
        Err(cause) => refused(&app, &waiting, by_passkey, cause.into()).await,
    }
}

pub(crate) async fn prove(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    Filled(filling): Filled<Filling>,
) -> Response {
    let Some(waiting) = app.cookies.read::<Waiting>(COOKIE, &headers) else {
        return Redirect::to("/login").into_response();
    };
    let by_passkey = filling.token.is_some();
    match show(&app, &waiting, filling, &headers).await {
        Ok(login) => {
            let mut answer = Next::or_account(&waiting.next).go();
            device::keep(&app, &mut answer, &login.device_token);
            visit.keep(Session::begun(login, app.clock.now()));
            cookies::remove(&mut answer, COOKIE);
            answer
        }
        Err(cause) => refused(&app, &waiting, by_passkey, cause.into()).await,
    }
}

async fn show(app: &App, waiting: &Waiting, filling: Filling, headers: &HeaderMap) -> Result<LoginView, UpstreamError> {
    let (ticket, Filling { code, token, credential }) = (waiting.ticket.clone(), filling);
    if let Some(token) = token {
        let ShowPasskeyBody { token, credential } = ShownPasskey { token, credential }.body()?;
        let body = SecondPasskeyBody { ticket, token, credential };
        return app.upstream.ask(&Call::post("/auth/login/second-factor/passkey", &body).with_browser(headers)).await;
    }
    // Apps show it in two groups, and people copy it so.
    let body = LoginSecondFactorBody { ticket, code: code.split_whitespace().collect() };
    app.upstream.ask(&Call::post("/auth/login/second-factor", &body).with_browser(headers)).await
}

async fn refused(app: &App, waiting: &Waiting, by_passkey: bool, refusal: Refusal) -> Response {
    if refusal.code != "login_over" {
        // What cannot be asked anew is at least said.
        return match page(app, waiting, by_passkey).await {
            Ok(page) => page.refused(refusal),
            Err(_) => refusal.page(),
        };
    }
    // No code helps any more: the ticket is over.
    let login = Next::or_account(&waiting.next).login();
    let done = Done { title: &t!("log-in-over"), text: &refusal.text, ways: &[(&login, t!("log-in"))] };
    let mut answer = layout::page(refusal.status, &done);
    cookies::remove(&mut answer, COOKIE);
    answer
}
