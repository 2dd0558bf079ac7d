//! `POST /auth/change-email` and `POST /auth/confirm-email`: another address, wanted by who knows the password and
//! confirmed by who has the new mailbox.

use super::tokens::done;
use crate::{Error, changes::account_requests, domain::Email, proof, state::App, store::account_requests::Purpose};
use axum::{Json, extract::State};
use contracts::api::account::{ChangeEmailBody, ConfirmEmailBody, DoneView};
use http::StatusCode;
use service_kit::{
    ClientAddress, Problem,
    auth::{Anybody, SignedIn},
    extract::Body,
};

/// Mails a link to the new address. Until it is opened there nothing changes. The answer is the same where another account
/// has that address: its owner is told.
#[utoipa::path(
    post, path = "/auth/change-email", tag = "accounts", security(("bearer" = [])), request_body = ChangeEmailBody,
    responses(
        (status = 202, description = "Taken; a mail follows.", body = DoneView),
        (status = 403, description = "`wrong_password`."),
        (status = 429, description = "`too_many_mails`, `too_many_failed_logins`.")
    )
)]
pub(crate) async fn change_email(
    person: SignedIn,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<ChangeEmailBody>,
) -> Result<(StatusCode, Json<DoneView>), Problem> {
    let email = Email::parse(&request.email).map_err(|why| Problem::field("/email", why))?;
    let client = app.counted(client);
    let account = proof::by_password(&app, client, person.account_id, &request.password).await?;
    app.mails.count(client, &email).map_err(Error::from)?;
    let mut tx = app.kit.database.begin("change_email").await?;
    account_requests::change_email(&app, &mut tx, account.id, &email).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((StatusCode::ACCEPTED, done("Open the link in the mail we sent to the new address: it is yours from then on.")))
}

/// The account has the new address from now on. Every session ends, and the old address is told.
#[utoipa::path(
    post, path = "/auth/confirm-email", tag = "accounts", request_body = ConfirmEmailBody,
    responses((status = 200, description = "It is changed.", body = DoneView))
)]
pub(crate) async fn confirm_email(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<ConfirmEmailBody>,
) -> Result<Json<DoneView>, Problem> {
    let mut tx = app.kit.database.begin("confirm_email").await?;
    let asked = account_requests::follow(&app, &mut tx, Purpose::EmailChange, &request.token).await?;
    account_requests::confirm_email(&app, &mut tx, &asked, client).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(done("Your address is changed: log in with the new one."))
}
