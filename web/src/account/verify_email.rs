//! `/verify-email?token=`: where the link of the verification mail leads. Opening it changes nothing: mail scanners
//! open links. The form asks for the password of the registration, or lets the owner of the mailbox choose a new one.
//! The browser that registered has kept the password, and needs only the button.

use super::mailed::{self, Link};
use crate::{
    asked::{Asked, Filled},
    cookies::{self, Kind},
    form::{Field, Form, Trouble},
    layout,
    refusal::Refusal,
    state::App,
    upstream::Call,
};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::api::account::VerifyEmailBody;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use time::Duration;
use url::form_urlencoded;

const COOKIE: Kind = Kind("__Host-registration");

/// As long as the registration itself.
const KEPT: Duration = Duration::hours(24);

/// What the browser proves itself with that registered.
// Without `Debug`: it would end up in a log.
#[derive(Serialize, Deserialize)]
struct Registration {
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct Way {
    /// Whether to ask for everything, though this browser registered somebody.
    #[serde(default)]
    other: String,
}

/// Either form of the page.
#[derive(Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    token: String,
    password: Option<String>,
    new_password: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

impl Filling {
    fn is_button_alone(&self) -> bool {
        self.password.is_none() && self.new_password.is_none()
    }
}

impl From<Filling> for VerifyEmailBody {
    fn from(filling: Filling) -> Self {
        let Filling { token, password, new_password, first_name, last_name } = filling;
        Self { token, password, new_password, first_name, last_name }
    }
}

#[derive(Template)]
#[template(path = "account/verify_email.html")]
struct AskPage<'a> {
    token: &'a str,
    trouble: Option<Trouble>,
    /// For whoever registered; with nothing to fill in where their browser knows the password.
    known: Form,
    /// For the owner of the mailbox who did not.
    own: Option<Form>,
}

impl<'a> AskPage<'a> {
    /// Only the button.
    fn registered_here(token: &'a str) -> Self {
        Self { token, trouble: None, known: known(token), own: None }
    }

    /// What was no secret stands there still.
    fn both_ways(token: &'a str, first_name: &str, last_name: &str) -> Self {
        let password = Field::password("password", t!("password")).refused_by("wrong_registration_password");
        let own = Form::new("own", "/verify-email", t!("make-my-account"))
            .hidden("token", token)
            .with(Field::text("first_name", t!("first-name"), "given-name").typed(first_name))
            .with(Field::text("last_name", t!("last-name"), "family-name").typed(last_name))
            .with(Field::new_password("new_password", t!("new-password")));
        Self { token, trouble: None, known: known(token).with(password), own: Some(own) }
    }

    fn other_ways(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        format!("/verify-email?{}", query.append_pair("token", self.token).append_pair("other", "yes").finish())
    }
}

fn known(token: &str) -> Form {
    Form::new("known", "/verify-email", t!("verify-button")).hidden("token", token)
}

/// Has the browser keep what the link of the mail will ask for.
pub(super) fn remember(app: &App, answer: &mut Response, password: String) {
    app.cookies.set_for(answer, COOKIE, &Registration { password }, KEPT);
}

pub(crate) async fn ask(
    State(app): State<App>,
    headers: HeaderMap,
    Asked(link): Asked<Link>,
    Asked(way): Asked<Way>,
) -> Response {
    let token = match link.token() {
        Ok(token) => token,
        Err(incomplete) => return incomplete,
    };
    let here = app.cookies.read::<Registration>(COOKIE, &headers).filter(|_| way.other.is_empty());
    let page = match here {
        Some(_) => AskPage::registered_here(token),
        None => AskPage::both_ways(token, "", ""),
    };
    layout::secret_page(StatusCode::OK, &page)
}

pub(crate) async fn confirm(
    State(app): State<App>,
    headers: HeaderMap,
    Filled(mut filling): Filled<Filling>,
) -> Response {
    let kept = app.cookies.read::<Registration>(COOKIE, &headers);
    let by_browser = filling.is_button_alone() && kept.is_some();
    if by_browser {
        filling.password = kept.map(|registration| registration.password);
    }
    let body = VerifyEmailBody::from(filling);
    match app.upstream.ask::<IgnoredAny>(&Call::post("/auth/verify-email", &body)).await {
        Ok(_) => {
            let mut answer = mailed::done(&t!("verified"), &t!("verified-text"));
            cookies::remove(&mut answer, COOKIE);
            answer
        }
        Err(cause) => refused(&body, cause.into(), by_browser),
    }
}

fn refused(body: &VerifyEmailBody, mut refusal: Refusal, by_browser: bool) -> Response {
    if refusal.is_for_now() {
        refusal.text = format!("{} {}", refusal.text, t!("link-still-good")).into();
        let again = if by_browser { AskPage::registered_here(&body.token) } else { filled(body) };
        return shown(again, &refusal);
    }
    // What filling the form in again mends.
    match &*refusal.code {
        "wrong_registration_password" if by_browser => {
            // Of another registration: another try with it would only cost the link one of its five.
            refusal.text = t!("other-registration").into();
            let mut answer = shown(filled(body), &refusal);
            cookies::remove(&mut answer, COOKIE);
            answer
        }
        "wrong_registration_password" | "invalid_fields" => shown(filled(body), &refusal),
        _ => refusal.page(),
    }
}

fn filled(body: &VerifyEmailBody) -> AskPage<'_> {
    let [first_name, last_name] = [&body.first_name, &body.last_name].map(|name| name.as_deref().unwrap_or_default());
    AskPage::both_ways(&body.token, first_name, last_name)
}

fn shown(mut page: AskPage<'_>, refusal: &Refusal) -> Response {
    // A refusal names fields of one form alone.
    page.trouble = match &mut page.own {
        Some(own) if refusal.fields.iter().any(|field| own.has(field.name())) => Some(own.refused(refusal)),
        _ => Some(page.known.refused(refusal)),
    };
    refusal.stamped(layout::page(refusal.status, &page))
}
