//! `/verify-email?token=`: where the link of the verification mail leads. Opening it changes nothing: mail scanners open
//! links. The form asks for the password of the registration, or lets the owner of the mailbox choose a new one.

use crate::{
    asked::{Asked, Filled},
    layout::{self, Notice},
    upstream::{Upstream, UpstreamError},
};
use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

/// Either form of the page: what user-service wants to know.
#[derive(Deserialize, Serialize)]
pub(crate) struct Confirmation {
    #[serde(default)]
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
}

#[derive(Default, Template)]
#[template(path = "verify_email.html")]
struct AskPage<'a> {
    token: &'a str,
    /// Why it has to be filled in again; what was no secret stands there still.
    trouble: Option<&'a str>,
    first_name: &'a str,
    last_name: &'a str,
}

pub(crate) async fn ask(Asked(link): Asked<Link>) -> Response {
    if link.token.is_empty() {
        let text = "This address lacks its token. Open the link exactly as it stands in the mail.";
        return layout::page(StatusCode::BAD_REQUEST, &Notice { title: "The link is not complete", text });
    }
    layout::page(StatusCode::OK, &AskPage { token: &link.token, ..AskPage::default() })
}

pub(crate) async fn confirm(State(upstream): State<Upstream>, Filled(confirmation): Filled<Confirmation>) -> Response {
    match upstream.verify_email(&confirmation).await {
        Ok(message) => layout::page(StatusCode::OK, &Notice { title: "Your address is confirmed", text: &message }),
        Err(UpstreamError::Refused { status, code, detail }) if can_be_mended(&code) => {
            let page = AskPage {
                token: &confirmation.token,
                trouble: Some(&detail),
                first_name: confirmation.first_name.as_deref().unwrap_or_default(),
                last_name: confirmation.last_name.as_deref().unwrap_or_default(),
            };
            layout::page(status, &page)
        }
        Err(UpstreamError::Refused { status, detail, .. }) if status.is_client_error() => {
            layout::page(status, &Notice { title: "That did not work", text: &detail })
        }
        Err(cause) => {
            tracing::warn!(%cause, "an address could not be confirmed");
            let text = "This cannot be done at the moment, and your link is still good. Go back and press the button \
                        again in a minute.";
            layout::page(StatusCode::SERVICE_UNAVAILABLE, &Notice { title: "Not just now", text })
        }
    }
}

/// By filling the form in again.
fn can_be_mended(code: &str) -> bool {
    matches!(code, "wrong_registration_password" | "invalid_fields")
}
