//! `/account/second-factor/confirm`: the secret, shown until a first code of it comes back. It waits in a cookie
//! meanwhile: user-service tells it once.

use super::{qr_code::QrCode, recovery_codes::codes_page};
use crate::{
    asked::Filled,
    cookies::{self, Kind},
    form::{Field, Form, Trouble},
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    state::App,
    upstream::{Call, UpstreamError},
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    SessionId,
    api::second_factor::{CodeBody, RecoveryCodesView},
};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use time::Duration;

const COOKIE: Kind = Kind("__Host-totp-secret");

/// Enough to look for an app, and to install it.
const KEPT: Duration = Duration::minutes(30);

// Without `Debug`: it would end up in a log.
#[derive(Serialize, Deserialize)]
pub(super) struct Begun {
    /// Of whom it is: after another log-in in this browser it is nobody's.
    pub(super) session: Option<SessionId>,
    pub(super) secret: String,
    pub(super) url: String,
}

impl Begun {
    /// What is read letter by letter is read in groups.
    fn groups(&self) -> String {
        let letters: Vec<char> = self.secret.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// What an app on this device opens.
    fn link(&self) -> Option<&str> {
        Some(&*self.url).filter(|url| url.starts_with("otpauth://totp/"))
    }
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    code: String,
}

#[derive(Template)]
#[template(path = "account/totp_secret.html")]
struct SecretPage {
    begun: Begun,
    qr_code: Option<QrCode>,
    form: Form,
    trouble: Option<Trouble>,
}

impl SecretPage {
    fn of(begun: Begun) -> Self {
        let form =
            Form::new("confirm", "/account/second-factor/confirm", t!("switch-on")).with(Field::code(t!("six-digits")));
        Self { qr_code: begun.link().and_then(QrCode::of), begun, form, trouble: None }
    }

    fn refused(mut self, refusal: &Refusal) -> Response {
        self.trouble = Some(self.form.refused(refusal));
        refusal.stamped(layout::page(refusal.status, &self))
    }
}

/// Has the browser keep what user-service tells once.
pub(super) fn remember(app: &App, answer: &mut Response, begun: &Begun) {
    app.cookies.set_for(answer, COOKIE, begun, KEPT);
}

fn begun_by(member: &Member, app: &App, headers: &HeaderMap) -> Option<Begun> {
    app.cookies.read::<Begun>(COOKIE, headers).filter(|begun| begun.session == member.session_id())
}

/// The page that says how it is, and what can be done.
fn as_it_is() -> Response {
    Redirect::to("/account/second-factor").into_response()
}

pub(crate) async fn ask(member: Member, State(app): State<App>, headers: HeaderMap) -> Response {
    match begun_by(&member, &app, &headers) {
        Some(begun) => layout::page(StatusCode::OK, &SecretPage::of(begun)),
        None => as_it_is(),
    }
}

pub(crate) async fn confirm(
    member: Member,
    State(app): State<App>,
    headers: HeaderMap,
    Filled(Filling { code }): Filled<Filling>,
) -> Response {
    let Some(begun) = begun_by(&member, &app, &headers) else { return as_it_is() };
    // Apps show it in two groups, and people copy it so.
    let body = CodeBody { code: code.split_whitespace().collect() };
    match member.ask::<RecoveryCodesView>(Call::post("/auth/second-factor/totp/confirm", &body)).await {
        Ok(codes) => {
            // The session counts as begun with a second factor, but only its next token says so.
            member.renew().await;
            let mut answer = codes_page(&t!("second-factor-on"), &t!("second-factor-on-text"), codes);
            cookies::remove(&mut answer, COOKIE);
            answer
        }
        Err(Stopped::LoginOver(answer)) => answer,
        // The button was pressed twice, or the answer to the first time was lost.
        Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.code == "second_factor_exists" => {
            let mut answer = as_it_is();
            cookies::remove(&mut answer, COOKIE);
            answer
        }
        Err(Stopped::Failed(cause)) => SecretPage::of(begun).refused(&cause.into()),
    }
}
