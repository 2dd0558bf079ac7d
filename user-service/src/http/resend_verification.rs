//! `POST /auth/resend-verification`: asks for the mail of an address's newest registration again.

use crate::{
    Error,
    changes::resend::{self, Wish},
    domain::Email,
    state::App,
};
use axum::{Json, extract::State};
use contracts::api::account::ResendBody;
use http::StatusCode;
use serde::Serialize;
use service_kit::{Cause, ClientAddress, Problem, auth::Anybody, extract::Body, one};
use std::time::Duration;
use utoipa::ToSchema;

/// No answer comes sooner, so that its time tells nothing.
const ANSWERS_AFTER: Duration = Duration::from_millis(150);

#[derive(Serialize, ToSchema)]
#[schema(as = ResendAnswer)]
pub(crate) struct ResentView {
    message: &'static str,
}

/// Sends the mail again, with a link that works for another 24 hours. The answer does not tell whether anybody
/// registered with this address.
#[utoipa::path(
    post, path = "/auth/resend-verification", tag = "accounts", request_body = ResendBody,
    responses(
        (status = 202, description = "Taken; a mail follows where there is something to confirm.", body = ResentView),
        (status = 429, description = "`too_many_mails`: so many were asked for lately.")
    )
)]
pub(crate) async fn resend_verification(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<ResendBody>,
) -> Result<(StatusCode, Json<ResentView>), Problem> {
    let email = Email::parse(&request.email).map_err(|why| Problem::field("/email", why))?;
    app.mails.count(app.counted(client), &email).map_err(Error::from)?;
    let wish = Wish { email, cause: Cause::current() };
    // Storing takes longer than finding nothing: both answers wait for the slower.
    let (sent, ()) = tokio::join!(resend::resend(&app, vec![wish]), tokio::time::sleep(ANSWERS_AFTER));
    one(sent)?;
    let message = "If somebody registered with this address in the last 24 hours, a mail is on its way.";
    Ok((StatusCode::ACCEPTED, Json(ResentView { message })))
}
