//! `POST /auth/resend-verification`: asks for the verification mail again.

use crate::{Error, app::App, domain::Email, store::accounts, verification};
use axum::{Json, extract::State};
use contracts::events::user::VerificationRequested;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{Problem, extract::Body};
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

/// Sends the verification mail again. The answer does not tell whether there is such an account.
#[utoipa::path(
    post, path = "/auth/resend-verification", tag = "accounts", request_body = ResendRequest,
    responses(
        (status = 202, description = "Taken; a mail follows where there is something to confirm.", body = ResendAnswer)
    )
)]
pub(crate) async fn resend_verification(
    State(app): State<App>,
    Body(request): Body<ResendRequest>,
) -> Result<(StatusCode, Json<ResendAnswer>), Problem> {
    let email = Email::parse(&request.email).map_err(|why| Problem::field("/email", why))?;
    // Storing takes longer than finding nothing: both answers wait for the slower.
    let (sent, ()) = tokio::join!(send(&app, &email), tokio::time::sleep(ANSWERS_AFTER));
    sent?;
    let message = "If there is an account with this address that is not confirmed yet, a mail is on its way.";
    Ok((StatusCode::ACCEPTED, Json(ResendAnswer { message })))
}

async fn send(app: &App, email: &Email) -> Result<(), Error> {
    let mut tx = app.kit.database.begin().await?;
    let account = accounts::lock_by_email(&mut tx, email).await?;
    let Some(account) = account.filter(|account| account.verified_at.is_none()) else { return Ok(()) };
    let account_id = account.id;
    if app.mails.attempt(&account_id.to_string()).is_err() {
        tracing::info!(account.id = %account_id, "a verification mail was left out: enough were sent lately");
        return Ok(());
    }
    verification::ask(app, &mut tx, account_id, VerificationRequested { account_id }).await?;
    let _committed = tx.commit().await?;
    Ok(())
}
