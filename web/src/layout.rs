//! What all pages share: headers, style sheet, icon, and the page for what is not there.

use crate::{
    settings::Settings,
    visit::{self, Visitor},
    words,
};
use askama::Template;
use aws_lc_rs::digest;
use axum::response::{IntoResponse, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, StatusCode, header};
use service_kit::if_none_match::IfNoneMatch;
use std::borrow::Cow;

/// No script, no stranger's content, no frames. Nothing connects but what judges pages from within, which asks for
/// `/robots.txt`.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

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

/// Answers with a page for staff: a script of ours helps the keyboard.
pub(crate) fn office_page(status: StatusCode, template: &impl Template) -> Response {
    with_policy(status, LIVE_POLICY, TO_US, template)
}

/// Answers with a page that all get alike who are not logged in and have nothing in the cart: browsers and caches keep it for a while, show it while they
/// ask whether it is still the same (RFC 5861), and are told by its tag that it is.
pub(crate) fn shared_page(seen: &IfNoneMatch, template: &impl Template) -> Response {
    // The header names who is logged in, and says how much is in the cart.
    if !matches!(visit::visitor(), Visitor::Nobody) || visit::pieces_in_cart() > 0 {
        return page(StatusCode::OK, template);
    }
    let Ok(html) = template.render() else { return page(StatusCode::OK, template) };
    let tag = tag_of(html.as_bytes());
    let known = seen.has(&tag);
    let mut page =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { written(StatusCode::OK, POLICY, TO_US, html) };
    let headers = page.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=10, stale-while-revalidate=600"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    if let Ok(quoted) = HeaderValue::try_from(format!("\"{tag}\"")) {
        headers.insert(header::ETAG, quoted);
    }
    page
}

/// Tells one content from others.
fn tag_of(content: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, content);
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..12])
}

/// The address by which others know a page of ours.
pub(crate) fn address_of(settings: &Settings, path: &str) -> String {
    format!("{}{path}", settings.public_url.as_str().trim_end_matches('/'))
}

fn with_policy(status: StatusCode, policy: &'static str, referrer: &'static str, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => written(status, policy, referrer, html),
        Err(cause) => {
            tracing::error!(%cause, "a page cannot be written");
            (StatusCode::INTERNAL_SERVER_ERROR, t!("something-went-wrong")).into_response()
        }
    }
}

fn written(status: StatusCode, policy: &'static str, referrer: &'static str, html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, referrer),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_LANGUAGE, words::reader().language().tag),
    ];
    (status, headers, html).into_response()
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "notice.html")]
pub(crate) struct Notice<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
}

impl Notice<'_> {
    /// In the reader's language, as all that is written here.
    const fn lang(&self) -> &'static str {
        ""
    }
}

/// A page that says what was done, and where one goes from there.
#[derive(Template)]
#[template(path = "account/done.html")]
pub(crate) struct Done<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) ways: &'a [(&'a str, Cow<'static, str>)],
}

/// The page for an address that has none; the front door's fallback.
pub async fn not_found() -> Response {
    page(StatusCode::NOT_FOUND, &Notice { title: &t!("not-found"), text: &t!("nothing-here") })
}

pub(crate) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../assets/style.css"))
}

pub(crate) async fn office_style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../assets/office.css"))
}

/// Keys for lists, and the way to the field that leads anywhere.
pub(crate) async fn office_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/office.js"))
}

/// What follows an order to its end.
pub(crate) async fn order_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/order.js"))
}

/// What asks a browser for a passkey.
pub(crate) async fn passkey_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/passkey.js"))
}

/// What makes a picture small before it is sent.
pub(crate) async fn picture_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/picture.js"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
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
