//! `POST /internal/registrations/{id}/mail`: whom the mail of a registration goes to and with which link, for
//! notify-service, at the moment it sends.

use super::contact::MailSender;
use crate::{Error, domain::VALID, state::App, store::registration_links};
use axum::{Json, extract::State};
use contracts::{
    AccountId,
    api::user::{RegistrationMail, RegistrationMailRequest, VerificationLink},
};
use service_kit::{
    Problem,
    auth::Caller,
    extract::{Body, Path},
};

/// The address and, unless that has an account, the link for the event that asked for the mail; asking again gives the
/// same.
#[utoipa::path(
    post, path = "/internal/registrations/{id}/mail", tag = "services", security(("service" = ["notify-service"])),
    params(("id" = AccountId, Path)), request_body = RegistrationMailRequest,
    responses((status = 200, description = "Where the mail goes, and its link.", body = RegistrationMail))
)]
pub(crate) async fn registration_mail(
    _caller: Caller<MailSender>,
    State(app): State<App>,
    Path(id): Path<AccountId>,
    Body(request): Body<RegistrationMailRequest>,
) -> Result<Json<RegistrationMail>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let addressee = registration_links::addressee(&mut connection, request.event_id, id).await?;
    let addressee = addressee.ok_or(Error::NoSuchRegistration)?;
    let email = addressee.email.ok_or(Error::NoSuchRegistration)?;
    let link = VerificationLink { url: app.link("verify-email", request.event_id), valid_hours: VALID.whole_hours() };
    // Who was told where a person is reached must be found again; what was told is not in the log.
    tracing::info!(registration.id = %id, "a registration's address was told to notify-service");
    Ok(Json(RegistrationMail { email, link: (!addressee.taken).then_some(link) }))
}
