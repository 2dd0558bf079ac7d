//! `/verify-email?token=`: where the link of the verification mail leads. Only the button confirms: mail scanners open
//! links, and one that did would use the token up.

use crate::{
    asked::{Asked, Filled},
    layout::{self, Notice},
    upstream::{Upstream, UpstreamError},
};
use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

#[derive(Template)]
#[template(path = "verify_email.html")]
struct AskPage<'a> {
    token: &'a str,
}

pub(crate) async fn ask(Asked(link): Asked<Link>) -> Response {
    if link.token.is_empty() {
        let text = "This address lacks its token. Open the link exactly as it stands in the mail.";
        return layout::page(StatusCode::BAD_REQUEST, &Notice { title: "The link is not complete", text });
    }
    layout::page(StatusCode::OK, &AskPage { token: &link.token })
}

pub(crate) async fn confirm(State(upstream): State<Upstream>, Filled(link): Filled<Link>) -> Response {
    match upstream.verify_email(&link.token).await {
        Ok(message) => layout::page(StatusCode::OK, &Notice { title: "Your address is confirmed", text: &message }),
        Err(UpstreamError::Refused { status, detail }) if status.is_client_error() => {
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
