//! Who visits: the session that the browser keeps for us, and how much is in the cart, each in an encrypted cookie. This is the
//! one place that sets them.

use crate::cookies::{self, Cookies, Kind};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use contracts::{
    SessionId,
    access::Permissions,
    api::account::{LoginView, TokensView},
};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::{Duration, OffsetDateTime};

const COOKIE: Kind = Kind("__Host-session");
/// How many pieces are in the cart, as the last page told that read it.
const PIECES: Kind = Kind("__Host-pieces");
/// As long as a guest's cart.
const PIECES_KEPT: Duration = Duration::days(30);

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
    /// What the access token permits. It decides what is shown; what is done is decided by the services.
    #[serde(default)]
    pub(crate) scope: Permissions,
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
            scope: tokens.scope,
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
    session: Kept<Option<Session>>,
    pieces: Kept<i64>,
}

/// What the browser keeps for us.
#[derive(Default)]
struct Kept<T> {
    is: T,
    /// Whether the browser has to be told.
    changed: bool,
}

impl Visit {
    pub(crate) fn session(&self) -> Option<Session> {
        self.now().session.is.clone()
    }

    /// So many pieces are in the cart now.
    pub(crate) fn counts(&self, pieces: i64) {
        let mut now = self.now();
        if now.pieces.is != pieces {
            now.pieces = Kept { is: pieces, changed: true };
        }
    }

    fn pieces(&self) -> i64 {
        self.now().pieces.is
    }

    /// The session from now on.
    pub(crate) fn keep(&self, session: Session) {
        self.change(Some(session));
    }

    /// There is none any more.
    pub(crate) fn end(&self) {
        self.change(None);
        // What is in the account's cart is for its owner alone.
        self.counts(0);
    }

    fn change(&self, session: Option<Session>) {
        self.now().session = Kept { is: session, changed: true };
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self, cookies: &Cookies, mut answer: Response) -> Response {
        let now = self.now();
        match now.pieces.is {
            _ if !now.pieces.changed => {}
            0 => cookies::remove(&mut answer, PIECES),
            pieces => cookies.set_for(&mut answer, PIECES, &pieces, PIECES_KEPT),
        }
        match &now.session.is {
            _ if !now.session.changed => {}
            Some(session) => {
                let until = OffsetDateTime::from_unix_timestamp(session.until);
                cookies.set(&mut answer, COOKIE, session, until.unwrap_or(OffsetDateTime::UNIX_EPOCH));
            }
            None => cookies::remove(&mut answer, COOKIE),
        }
        if now.session.changed || now.pieces.changed {
            // Whatever the page is, what it tells this browser is for no other.
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
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

/// How many pieces are in their cart, for the layout. It may be behind until a page reads the cart.
pub(crate) fn pieces_in_cart() -> i64 {
    CURRENT.try_with(Visit::pieces).unwrap_or_default()
}

/// What they may do beside what anybody may, for the layout too.
pub(crate) fn permissions() -> Permissions {
    CURRENT.try_with(Visit::session).ok().flatten().map_or(Permissions::NONE, |session| session.scope)
}

/// Middleware that reads the session, and tells the browser what became of it.
pub(crate) async fn visited(State(cookies): State<Cookies>, mut request: Request, next: Next) -> Response {
    let session = Kept { is: cookies.read(COOKIE, request.headers()), changed: false };
    let pieces = Kept { is: cookies.read(PIECES, request.headers()).unwrap_or_default(), changed: false };
    let visit = Visit(Arc::new(Mutex::new(Now { session, pieces })));
    request.extensions_mut().insert(visit.clone());
    let answer = CURRENT.scope(visit.clone(), next.run(request)).await;
    visit.told(&cookies, answer)
}
