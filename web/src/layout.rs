//! What all pages share: headers, style sheet, icon, and the page for what is not there.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

/// No script, no stranger's content, no frames.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The same for a page that is kept live by a script of ours.
const LIVE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; \
                           form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for a page whose form asks for a passkey, which browsers give to scripts alone: one of ours, and nothing else looser.
const PASSKEY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; \
                              base-uri 'none'; frame-ancestors 'none'";

/// A drawing opened by itself is a document, and does nothing.
const DRAWING_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; \
                              frame-ancestors 'none'";

/// Told to nobody else. With `no-referrer` a browser would call the origin of our own forms `null`, and one that sends
/// no `Sec-Fetch-Site` could not be told from a stranger's page.
const TO_US: &str = "same-origin";

/// Answers with a page.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    with_policy(status, POLICY, TO_US, template)
}

/// Answers with a page whose address holds, or may hold, a one-time token: it is told to nobody.
pub(crate) fn secret_page(status: StatusCode, template: &impl Template) -> Response {
    with_policy(status, POLICY, "no-referrer", template)
}

/// Answers with a page that has a form on it, which may ask for a passkey.
pub(crate) fn form_page(status: StatusCode, asks_for_passkey: bool, template: &impl Template) -> Response {
    with_policy(status, if asks_for_passkey { PASSKEY_POLICY } else { POLICY }, TO_US, template)
}

/// Answers with a page that a script of ours keeps live.
pub(crate) fn live_page(template: &impl Template) -> Response {
    with_policy(StatusCode::OK, LIVE_POLICY, TO_US, template)
}

fn with_policy(status: StatusCode, policy: &'static str, referrer: &'static str, template: &impl Template) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, referrer),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    match template.render() {
        Ok(html) => (status, headers, html).into_response(),
        Err(cause) => {
            tracing::error!(%cause, "a page cannot be written");
            (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side. It has been logged.").into_response()
        }
    }
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "notice.html")]
pub(crate) struct Notice<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
}

/// A page that says what was done, and where one goes from there.
#[derive(Template)]
#[template(path = "account/done.html")]
pub(crate) struct Done<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) ways: &'a [(&'a str, &'a str)],
}

/// The page for an address that has none; the front door's fallback.
pub async fn not_found() -> Response {
    let text = "There is nothing at this address.";
    page(StatusCode::NOT_FOUND, &Notice { title: "Not found", text })
}

pub(crate) async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("../assets/style.css")).into_response()
}

/// What asks a browser for a passkey.
pub(crate) async fn passkey_script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("../assets/passkey.js")).into_response()
}

pub(crate) async fn icon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "max-age=86400"),
        (header::CONTENT_SECURITY_POLICY, DRAWING_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("../assets/icon.svg")).into_response()
}
