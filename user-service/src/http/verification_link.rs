//! `POST /internal/accounts/{id}/verification-link`: for a notify-service of before registrations, as long as one runs
//! beside us. Whoever opens such a link of an address that has an account is told so.

use super::contact::MailSender;
use crate::{Error, domain::VALID, state::App, store::registration_links};
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

/// The link for the event that asked for the mail; for older versions of notify-service.
#[utoipa::path(
    post, path = "/internal/accounts/{id}/verification-link", tag = "services",
    security(("service" = ["notify-service"])),
    params(("id" = AccountId, Path)), request_body = VerificationLinkRequest,
    responses((status = 200, description = "The link.", body = VerificationLink))
)]
pub(crate) async fn verification_link(
    _caller: Caller<MailSender>,
    State(app): State<App>,
    Path(id): Path<AccountId>,
    Body(request): Body<VerificationLinkRequest>,
) -> Result<Json<VerificationLink>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let addressee = registration_links::addressee(&mut connection, request.event_id, id).await?;
    addressee.ok_or(Error::NoSuchVerification)?;
    Ok(Json(VerificationLink { url: app.link("verify-email", request.event_id), valid_hours: VALID.whole_hours() }))
}
