//! Somebody who is logged in, as a page's handler is handed them: a page that takes a [`Member`] is for nobody else.
//! What it asks of the services it asks by them; that their tokens are renewed on the way is not seen.

use crate::{
    next::Next,
    refusal::Refusal,
    state::App,
    upstream::{Call, UpstreamError},
    visit::{Session, Visit},
};
use axum::{
    Extension,
    extract::{FromRequestParts, OriginalUri},
    response::Response,
};
use contracts::{
    SessionId,
    access::Permissions,
    api::{
        account::{RefreshBody, StepUpBody, SteppedUpView, TokensView},
        passkey::ShowPasskeyBody,
    },
};
use http::{Method, StatusCode, request::Parts, uri::PathAndQuery};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

pub(crate) struct Member {
    app: App,
    visit: Visit,
    /// Where they are: a new log-in leads back to it.
    here: Next,
    /// Held while the tokens are renewed: a page that asks several services at once must not use a refresh token twice.
    renewing: Mutex<()>,
}

/// Why there is no answer to go on with.
pub(crate) enum Stopped {
    /// The login is over; the answer leads to the next.
    LoginOver(Response),
    Failed(UpstreamError),
}

impl Stopped {
    /// A page that says nothing else, or leads to the log-in.
    pub(crate) fn page(self) -> Response {
        match self {
            Self::LoginOver(answer) => answer,
            Self::Failed(cause) => Refusal::from(cause).page(),
        }
    }
}

impl FromRequestParts<App> for Member {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let path = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        // What a form was sent to is asked for its page.
        let here = match parts.method {
            Method::GET | Method::HEAD => path.path_and_query().map_or("", PathAndQuery::as_str),
            _ => path.path(),
        };
        let here = Next::or_account(here);
        let visit = parts.extensions.get::<Visit>().cloned().unwrap_or_default();
        if visit.session().is_none() {
            return Err(here.by_login());
        }
        Ok(Self { app: app.clone(), visit, here, renewing: Mutex::default() })
    }
}

impl Member {
    /// Asks a service in their name.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Stopped> {
        let Some(session) = self.visit.session() else { return Err(self.login_over()) };
        if session.is_near_its_end(self.app.clock.now()) {
            return self.ask_renewed(session, call).await;
        }
        match self.app.upstream.ask(&call.clone().with_token(&session.access_token)).await {
            Err(UpstreamError::Refused(refused)) if is_of_the_token(refused.status, &refused.code) => {
                self.ask_renewed(session, call).await
            }
            answer => answer.map_err(Stopped::Failed),
        }
    }

    /// The same of what is dangerous, with a proof that it is them. The token that says so is used for this alone, and
    /// not kept: whoever takes the browser next has to give the proof again.
    pub(crate) async fn ask_proved<T: DeserializeOwned>(
        &self,
        proof: &StepUpBody,
        call: Call<'_>,
    ) -> Result<T, Stopped> {
        let proved: SteppedUpView = self.ask(Call::post("/auth/step-up", proof)).await?;
        self.ask_newly(&proved.token, call).await
    }

    /// The same, proved by a passkey.
    pub(crate) async fn ask_shown<T: DeserializeOwned>(
        &self,
        passkey: &ShowPasskeyBody,
        call: Call<'_>,
    ) -> Result<T, Stopped> {
        let proved: SteppedUpView = self.ask(Call::post("/auth/step-up/passkey", passkey)).await?;
        self.ask_newly(&proved.token, call).await
    }

    /// Has the next page ask with a new token: what the session permits has changed.
    pub(crate) async fn renew(&self) {
        look_again(&self.app, Extension(self.visit.clone())).await;
    }

    /// What their token permits, as the browser keeps it.
    pub(crate) fn permissions(&self) -> Permissions {
        self.visit.session().map_or(Permissions::NONE, |session| session.scope)
    }

    /// They are called by another name from now on.
    pub(crate) fn is_called(&self, first_name: &str) {
        if let Some(session) = self.visit.session() {
            self.visit.keep(session.named(first_name.to_owned()));
        }
    }

    /// What they are asked by, for what goes on when the page is answered.
    pub(crate) fn token(&self) -> Result<String, Stopped> {
        self.visit.session().map(|session| session.access_token).ok_or_else(|| self.login_over())
    }

    /// Which session it is.
    pub(crate) fn session_id(&self) -> Option<SessionId> {
        self.visit.session().map(|session| session.id)
    }

    /// The browser keeps nothing of the login any more.
    pub(crate) fn forget(&self) {
        self.visit.end();
    }

    async fn ask_renewed<T: DeserializeOwned>(&self, old: Session, call: Call<'_>) -> Result<T, Stopped> {
        let session = self.renewed(old).await?;
        self.ask_newly(&session.access_token, call).await
    }

    async fn renewed(&self, old: Session) -> Result<Session, Stopped> {
        let _held = self.renewing.lock().await;
        match self.visit.session() {
            // Whatever else this page asks for has renewed it meanwhile.
            Some(session) if session.access_token != old.access_token => return Ok(session),
            Some(_) => {}
            None => return Err(self.login_over()),
        }
        match renew(&self.app, &self.visit, old).await {
            Ok(Some(session)) => Ok(session),
            Ok(None) => Err(self.login_over()),
            Err(cause) => Err(Stopped::Failed(cause)),
        }
    }

    /// With a token made a moment ago: where it is not taken, another will do no better.
    async fn ask_newly<T: DeserializeOwned>(&self, token: &str, call: Call<'_>) -> Result<T, Stopped> {
        match self.app.upstream.ask(&call.with_token(token)).await {
            Err(UpstreamError::Refused(refused)) if is_of_the_token(refused.status, &refused.code) => {
                Err(self.login_over())
            }
            answer => answer.map_err(Stopped::Failed),
        }
    }

    fn login_over(&self) -> Stopped {
        self.visit.end();
        Stopped::LoginOver(self.here.by_login())
    }
}

/// After something that perhaps ended the session of this browser too: it is looked at, and is gone if it is over.
pub(crate) async fn look_again(app: &App, Extension(visit): Extension<Visit>) {
    let Some(session) = visit.session() else { return };
    if let Err(cause) = renew(app, &visit, session).await {
        tracing::warn!(%cause, "whether a session is over could not be asked");
    }
}

/// The session with new tokens; none if it is over.
async fn renew(app: &App, visit: &Visit, session: Session) -> Result<Option<Session>, UpstreamError> {
    let body = RefreshBody { refresh_token: session.refresh_token.clone() };
    match app.upstream.ask::<TokensView>(&Call::post("/auth/refresh", &body)).await {
        Ok(tokens) => {
            let session = session.renewed(tokens, app.clock.now());
            visit.keep(session.clone());
            Ok(Some(session))
        }
        // It is unknown, used, over, or its account suspended.
        Err(UpstreamError::Refused(refused))
            if refused.status.is_client_error() && refused.status != StatusCode::TOO_MANY_REQUESTS =>
        {
            visit.end();
            Ok(None)
        }
        Err(cause) => Err(cause),
    }
}

/// Whether another token might be taken.
fn is_of_the_token(status: StatusCode, code: &str) -> bool {
    status == StatusCode::UNAUTHORIZED && matches!(code, "token_expired" | "token_revoked" | "invalid_token")
}
