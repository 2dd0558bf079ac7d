//! `POST /auth/resend-verification`: asks for the verification mail again.

use super::register::LINK_VALID;
use crate::{
    app::App,
    domain::{Email, LinkToken},
    store::{accounts, verifications},
};
use axum::{Json, extract::State};
use contracts::events::user::VerificationRequested;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{Problem, extract::Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendRequest {
    email: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ResendAnswer {
    message: &'static str,
}

/// Sends the verification mail again. The answer does not tell whether there is such an account.
#[utoipa::path(
    post, path = "/auth/resend-verification", tag = "accounts", request_body = ResendRequest,
    responses((status = 202, body = ResendAnswer))
)]
pub(crate) async fn resend_verification(
    State(app): State<App>,
    Body(request): Body<ResendRequest>,
) -> Result<(StatusCode, Json<ResendAnswer>), Problem> {
    let email = Email::parse(&request.email).map_err(|why| Problem::field("/email", why))?;
    let mut tx = app.kit.database.begin().await?;
    let account = accounts::find_by_email(&mut tx, &email).await?;
    if let Some(account) = account.filter(|account| account.verified_at.is_none()) {
        let version = accounts::next_version(&mut tx, account.id).await?;
        let event = VerificationRequested { account_id: account.id };
        let event_id = app.kit.announce(&mut tx, version, event).await?;
        let token = LinkToken::derive(&app.link_key, event_id);
        let expires_at = app.kit.clock.now() + LINK_VALID;
        verifications::insert(&mut tx, event_id, account.id, &token.hash(), expires_at).await?;
    }
    let _committed = tx.commit().await?;
    let message = "If there is an account with this address that is not confirmed yet, a mail is on its way.";
    Ok((StatusCode::ACCEPTED, Json(ResendAnswer { message })))
}
