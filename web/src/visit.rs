//! Who visits: the session that the browser keeps for us, in an encrypted cookie. This is the one place that sets it.

use crate::cookies::{self, Cookies, Kind};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use contracts::{
    SessionId,
    api::account::{LoginView, TokensView},
};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use time::{Duration, OffsetDateTime};

const COOKIE: Kind = Kind("__Host-session");

/// A login, as its browser keeps it.
// Without `Debug`: it would end up in a log.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    /// For the header of every page, so that none asks for it.
    first_name: String,
    pub(crate) access_token: String,
    /// When the access token ends, in seconds since 1970.
    access_until: i64,
    pub(crate) refresh_token: String,
    /// When the session ends unless it is used before, in seconds since 1970.
    until: i64,
}

impl Session {
    pub(crate) fn begun(login: LoginView, now: OffsetDateTime) -> Self {
        Self::of(login.tokens, login.user.first_name, now)
    }

    pub(crate) fn renewed(self, tokens: TokensView, now: OffsetDateTime) -> Self {
        Self::of(tokens, self.first_name, now)
    }

    /// The same of somebody who has another name now.
    pub(crate) fn named(self, first_name: String) -> Self {
        Self { first_name, ..self }
    }

    fn of(tokens: TokensView, first_name: String, now: OffsetDateTime) -> Self {
        Self {
            id: tokens.session_id,
            first_name,
            access_token: tokens.token,
            access_until: now.unix_timestamp().saturating_add(tokens.expires_in),
            refresh_token: tokens.refresh_token,
            until: tokens.refresh_expires_at.unix_timestamp(),
        }
    }

    /// Whether the access token would perhaps not outlast a request.
    pub(crate) fn is_near_its_end(&self, now: OffsetDateTime) -> bool {
        self.access_until <= (now + Duration::seconds(30)).unix_timestamp()
    }
}

/// One request of a browser, with the session it brought or gets.
#[derive(Clone, Default)]
pub(crate) struct Visit(Arc<Mutex<Now>>);

#[derive(Default)]
struct Now {
    session: Option<Session>,
    /// Whether the browser has to be told.
    changed: bool,
}

impl Visit {
    pub(crate) fn session(&self) -> Option<Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).session.clone()
    }

    /// The session from now on.
    pub(crate) fn keep(&self, session: Session) {
        self.change(Some(session));
    }

    /// There is none any more.
    pub(crate) fn end(&self) {
        self.change(None);
    }

    fn change(&self, session: Option<Session>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Now { session, changed: true };
    }

    fn told(&self, cookies: &Cookies, mut answer: Response) -> Response {
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &now.session {
            _ if !now.changed => {}
            Some(session) => {
                let until = OffsetDateTime::from_unix_timestamp(session.until);
                cookies.set(&mut answer, COOKIE, session, until.unwrap_or(OffsetDateTime::UNIX_EPOCH));
            }
            None => cookies::remove(&mut answer, COOKIE),
        }
        drop(now);
        answer
    }
}

tokio::task_local! {
    static CURRENT: Visit;
}

/// Whom a page's header speaks to.
pub(crate) enum Visitor {
    /// Of a page that is outside of [`visited`].
    Unknown,
    Nobody,
    /// By their first name.
    Person(String),
}

/// For the layout, which every page has: a page need not hand it through.
pub(crate) fn visitor() -> Visitor {
    match CURRENT.try_with(Visit::session) {
        Ok(Some(session)) => Visitor::Person(session.first_name),
        Ok(None) => Visitor::Nobody,
        Err(_) => Visitor::Unknown,
    }
}

/// Middleware that reads the session, and tells the browser what became of it.
pub(crate) async fn visited(State(cookies): State<Cookies>, mut request: Request, next: Next) -> Response {
    let session = cookies.read(COOKIE, request.headers());
    let visit = Visit(Arc::new(Mutex::new(Now { session, changed: false })));
    request.extensions_mut().insert(visit.clone());
    let answer = CURRENT.scope(visit.clone(), next.run(request)).await;
    visit.told(&cookies, answer)
}
