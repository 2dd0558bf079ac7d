//! `POST /internal/account-requests/{id}/mail`: whom the mail of a request goes to and with which link, for notify-service,
//! at the moment it sends.

use super::contact::MailSender;
use crate::{
    Error,
    changes::account_requests,
    state::App,
    store::{account_requests as store, accounts, erasures},
};
use axum::{Json, extract::State};
use contracts::{
    AccountRequestId,
    api::user::{AccountMail, VerificationLink},
};
use service_kit::{Problem, auth::Caller, extract::Path};
use sqlx::PgConnection;

/// The address and, while the request is open, the link; asking again gives the same.
#[utoipa::path(
    post, path = "/internal/account-requests/{id}/mail", tag = "services", security(("service" = ["notify-service"])),
    params(("id" = AccountRequestId, Path)),
    responses((status = 200, description = "Where the mail goes, and its link.", body = AccountMail))
)]
pub(crate) async fn account_mail(
    _caller: Caller<MailSender>,
    State(app): State<App>,
    Path(id): Path<AccountRequestId>,
) -> Result<Json<AccountMail>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    if let Some(mail) = erasure_mail(&app, &mut connection, id).await? {
        return Ok(Json(mail));
    }
    let addressee = account_requests::addressee(&app, &mut connection, id).await?;
    let account_requests::Addressee { email, first_name, open, taken, purpose } = addressee;
    let (page, valid) = match purpose {
        store::Purpose::PasswordReset => ("reset-password", account_requests::RESET_VALID),
        store::Purpose::EmailChange => ("confirm-email", account_requests::CHANGE_VALID),
        store::Purpose::Invitation => ("accept-invitation", account_requests::INVITATION_VALID),
    };
    let link = open.then(|| VerificationLink { url: app.link(page, id), valid_hours: valid.whole_hours() });
    // Who was told where a person is reached must be found again; what was told is not in the log.
    tracing::info!(request.id = %id, "an address was told to notify-service");
    Ok(Json(AccountMail { email, first_name, link, taken }))
}

/// Of an account that is to be erased: while it can be kept, the link that keeps it.
async fn erasure_mail(
    app: &App,
    connection: &mut PgConnection,
    id: AccountRequestId,
) -> Result<Option<AccountMail>, Error> {
    let Some(erasure) = erasures::find(connection, id.uuid().into()).await? else { return Ok(None) };
    let account = accounts::find(connection, erasure.account_id).await?.ok_or(Error::NoSuchRequest)?;
    let is_open = erasure.kept_at.is_none() && erasure.erased_at.is_none();
    let link = is_open.then(|| VerificationLink {
        url: app.link("erasure", id),
        valid_hours: (erasure.due_at - erasure.asked_at).whole_hours(),
    });
    let (email, first_name) = (account.person.email, Some(account.person.first_name));
    Ok(Some(AccountMail { email, first_name, link, taken: false }))
}
