//! `POST /auth/resend-verification`: asks for the mail of an address's newest registration again.

use crate::{
    Error,
    app::App,
    domain::Email,
    registration::{self, VALID},
    store::registrations,
};
use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{ClientAddress, Problem, extract::Body};
use std::time::Duration;
use utoipa::ToSchema;

/// No answer comes sooner, so that its time tells nothing.
const ANSWERS_AFTER: Duration = Duration::from_millis(150);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendRequest {
    #[schema(format = "idn-email", min_length = 3, max_length = 254)]
    email: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ResendAnswer {
    message: &'static str,
}

/// Sends the mail again, with a link that works for another 24 hours. The answer does not tell whether anybody
/// registered with this address.
#[utoipa::path(
    post, path = "/auth/resend-verification", tag = "accounts", request_body = ResendRequest,
    responses(
        (status = 202, description = "Taken; a mail follows where there is something to confirm.", body = ResendAnswer),
        (status = 429, description = "`too_many_mails`: so many were asked for lately.")
    )
)]
pub(crate) async fn resend_verification(
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<ResendRequest>,
) -> Result<(StatusCode, Json<ResendAnswer>), Problem> {
    let email = Email::parse(&request.email).map_err(|why| Problem::field("/email", why))?;
    app.count_mail(app.counted(client), &email)?;
    // Storing takes longer than finding nothing: both answers wait for the slower.
    let (sent, ()) = tokio::join!(send(&app, &email), tokio::time::sleep(ANSWERS_AFTER));
    sent?;
    let message = "If somebody registered with this address in the last 24 hours, a mail is on its way.";
    Ok((StatusCode::ACCEPTED, Json(ResendAnswer { message })))
}

async fn send(app: &App, email: &Email) -> Result<(), Error> {
    let now = app.kit.clock.now();
    let expires_at = now + VALID;
    let mut tx = app.kit.database.begin("resend_verification").await?;
    let renewed = registrations::renew(&mut tx, &email.key(), now, expires_at).await?;
    let Some((registration, version)) = renewed else { return Ok(()) };
    registration::ask(app, &mut tx, registration, version, expires_at).await?;
    let _committed = tx.commit().await?;
    Ok(())
}
