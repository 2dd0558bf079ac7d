//! The browser that somebody logged in with is known again at the next login: strangers' wrong passwords do not slow it
//! down. It outlasts a log-out, which is the point.

use crate::{cookies::Kind, state::App};
use axum::response::Response;
use http::HeaderMap;
use time::Duration;

const COOKIE: Kind = Kind("__Host-device");

/// Browsers keep nothing longer.
const KEPT: Duration = Duration::days(400);

/// What user-service gave it, for the account that was last logged in.
pub(super) fn known(app: &App, headers: &HeaderMap) -> Option<String> {
    app.cookies.read(COOKIE, headers)
}

/// From now on it is known by this.
pub(super) fn keep(app: &App, answer: &mut Response, token: &str) {
    app.cookies.set_for(answer, COOKIE, &token, KEPT);
}
