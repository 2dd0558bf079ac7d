//! `/login/provider`: signing in with the outside provider that the operator named. The browser goes there and comes back;
//! what shows that it is the one which began waits in a cookie meanwhile.

use super::{device, login_second_factor};
use crate::{
    asked::Asked,
    cookies::{self, Kind},
    layout::{self, Done},
    next::Next,
    refusal::Refusal,
    state::App,
    upstream::{Call, UpstreamError},
    visit::{Session, Visit},
};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::api::account::{LoginView, ProviderBegunView, ProviderFinishBody};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use time::Duration;

const COOKIE: Kind = Kind("__Host-provider");

/// As long as user-service waits.
const KEPT: Duration = Duration::minutes(10);

// Without `Debug`: it would end up in a log.
#[derive(Serialize, Deserialize)]
struct Waiting {
    token: String,
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct Whither {
    #[serde(default)]
    next: String,
}

/// As the provider sends somebody back (RFC 6749, 4.1.2; RFC 9207).
#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    iss: Option<String>,
    /// Why there is no code. Its words are the provider's, and are not shown.
    #[serde(default)]
    error: String,
}

/// A form would not do: browsers let none lead to another site, where the policy lets none (CSP, `form-action`).
/// Who is logged in stays who they are: a stranger's page may have led them here.
pub(crate) async fn begin(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Asked(whither): Asked<Whither>,
) -> Response {
    let next = Next::or_account(&whither.next);
    if visit.session().is_some() {
        return next.go();
    }
    match app.upstream.ask::<ProviderBegunView>(&Call::post("/auth/provider/begin", &())).await {
        Ok(ProviderBegunView { token, url }) => {
            let waiting = Waiting { token, next: next.as_str().to_owned() };
            let mut answer = Redirect::to(&url).into_response();
            app.cookies.set_for(&mut answer, COOKIE, &waiting, KEPT);
            answer
        }
        Err(cause) => Refusal::from(cause).page(),
    }
}

pub(crate) async fn finish(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    Asked(back): Asked<Back>,
) -> Response {
    let Some(waiting) = app.cookies.read::<Waiting>(COOKIE, &headers) else {
        return over(&t!("provider-too-late"));
    };
    if !back.error.is_empty() || back.code.is_empty() {
        return over(&t!("provider-said-nothing"));
    }
    let body = ProviderFinishBody { token: waiting.token, state: back.state, code: back.code, iss: back.iss };
    let next = Next::or_account(&waiting.next);
    let asked = app.upstream.ask::<LoginView>(&Call::post("/auth/provider/finish", &body).with_browser(&headers)).await;
    let mut answer = match asked {
        Ok(login) => {
            let mut answer = next.go();
            device::keep(&app, &mut answer, &login.device_token);
            visit.keep(Session::begun(login, app.clock.now()));
            answer
        }
        Err(UpstreamError::Refused(refused)) if refused.code == "second_factor_required" => {
            login_second_factor::required(&app, refused, &next)
        }
        Err(cause) => Refusal::from(cause).page_in_secret(),
    };
    cookies::remove(&mut answer, COOKIE);
    answer
}

fn over(text: &str) -> Response {
    let ways = &[("/login", t!("log-in"))];
    let mut answer = layout::secret_page(StatusCode::BAD_REQUEST, &Done { title: &t!("not-logged-in"), text, ways });
    cookies::remove(&mut answer, COOKIE);
    answer
}
