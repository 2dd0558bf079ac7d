//! What the pages that a mail's link leads to have in common, and those that send one on its way.

use crate::{
    layout::{self, Done, Notice},
    state::App,
};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use service_kit::Environment;

/// As the address holds it.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    pub(super) token: String,
}

impl Link {
    /// The token, or what to say of a link without one.
    pub(super) fn token(&self) -> Result<&str, Response> {
        let text = "This address lacks its token. Open the link exactly as it stands in the mail.";
        let incomplete = Notice { title: "The link is not complete", text };
        if self.token.is_empty() { Err(layout::page(StatusCode::BAD_REQUEST, &incomplete)) } else { Ok(&self.token) }
    }
}

/// A mail is on its way. In development it arrives at a page.
pub(super) fn sent(app: &App, text: &str, mut ways: Vec<(&str, &str)>) -> Response {
    if app.settings.environment == Environment::Development {
        ways.push(("/dev/mails", "Read the mails"));
    }
    layout::page(StatusCode::OK, &Done { title: "Look into your mailbox", text, ways: &ways })
}

/// Something is done; what is left is to log in.
pub(super) fn done(title: &str, text: &str) -> Response {
    layout::page(StatusCode::OK, &Done { title, text, ways: &[("/login", "Log in")] })
}
