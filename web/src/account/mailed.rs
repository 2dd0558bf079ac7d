//! What the pages that a mail's link leads to have in common, and those that send one on its way.

use crate::{
    layout::{self, Done, Notice},
    state::App,
};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use service_kit::Environment;
use std::borrow::Cow;

/// As the address holds it.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    pub(super) token: String,
}

impl Link {
    /// The token, or what to say of a link without one.
    pub(super) fn token(&self) -> Result<&str, Response> {
        if !self.token.is_empty() {
            return Ok(&self.token);
        }
        let incomplete = Notice { title: &t!("incomplete-link"), text: &t!("incomplete-link-text") };
        Err(layout::page(StatusCode::BAD_REQUEST, &incomplete))
    }
}

/// A mail is on its way. In development it arrives at a page.
pub(super) fn sent(app: &App, text: &str, mut ways: Vec<(&'static str, Cow<'static, str>)>) -> Response {
    if app.settings.environment == Environment::Development {
        ways.push(("/dev/mails", t!("read-mails")));
    }
    layout::page(StatusCode::OK, &Done { title: &t!("look-into-mailbox"), text, ways: &ways })
}

/// Something is done; what is left is to log in.
pub(super) fn done(title: &str, text: &str) -> Response {
    layout::page(StatusCode::OK, &Done { title, text, ways: &[("/login", t!("log-in"))] })
}
