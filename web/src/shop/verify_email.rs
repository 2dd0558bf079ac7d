//! `/verify-email?token=`: where the link of the verification mail leads. Opening it changes nothing: mail scanners open
//! links. The form asks for the password of the registration, or lets the owner of the mailbox choose a new one.

use crate::{
    asked::{Asked, Filled},
    layout::{self, Notice},
    upstream::{Upstream, UpstreamError},
};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::api::user::VerifyEmailBody;
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

/// Either form of the page.
#[derive(Deserialize)]
pub(crate) struct Form {
    #[serde(default)]
    token: String,
    password: Option<String>,
    new_password: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

impl From<Form> for VerifyEmailBody {
    fn from(form: Form) -> Self {
        let Form { token, password, new_password, first_name, last_name } = form;
        Self { token, password, new_password, first_name, last_name }
    }
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

pub(crate) async fn confirm(State(upstream): State<Upstream>, Filled(form): Filled<Form>) -> Response {
    let confirmation = VerifyEmailBody::from(form);
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
