//! `POST /internal/accounts/{id}/verification-link`: the one-time link of a verification mail, for notify-service.

use super::contact::MailSender;
use crate::{Error, app::App, domain::LinkToken, store::verifications, verification::LINK_VALID};
use axum::{Json, extract::State};
use contracts::{
    AccountId,
    api::user::{VerificationLink, VerificationLinkRequest},
};
use service_kit::{
    Problem,
    auth::Caller,
    extract::{Body, Path},
};

/// The link for the event that asked for the mail; asking again gives the same.
#[utoipa::path(
    post, path = "/internal/accounts/{id}/verification-link", tag = "services", security(("service" = [])),
    params(("id" = AccountId, Path)), request_body = VerificationLinkRequest,
    responses((status = 200, description = "The link.", body = VerificationLink))
)]
pub(crate) async fn verification_link(
    _caller: Caller<MailSender>,
    State(app): State<App>,
    Path(id): Path<AccountId>,
    Body(request): Body<VerificationLinkRequest>,
) -> Result<Json<VerificationLink>, Problem> {
    let mut connection = app.kit.database.pool().acquire().await?;
    if !verifications::exists(&mut connection, request.event_id, id).await? {
        return Err(Error::NoSuchVerification.into());
    }
    let token = LinkToken::derive(&app.link_key, request.event_id);
    let base = app.kit.settings.public_url.as_str().trim_end_matches('/');
    let url = format!("{base}/verify-email?token={}", token.as_str());
    Ok(Json(VerificationLink { url, valid_hours: LINK_VALID.whole_hours() }))
}
