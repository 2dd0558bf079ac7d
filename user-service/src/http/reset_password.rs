//! `POST /auth/reset-password`: a new password, by who has the mailed link. All sessions end.

use super::tokens::done;
use crate::{
    Error,
    changes::account_requests,
    domain::Password,
    state::App,
    store::{account_requests::Purpose, accounts},
};
use axum::{Json, extract::State};
use contracts::api::account::{DoneView, ResetPasswordBody};
use service_kit::{ClientAddress, Problem, auth::Anybody, extract::Body};

/// Sets the password. The link works once; every session ends.
#[utoipa::path(
    post, path = "/auth/reset-password", tag = "accounts", request_body = ResetPasswordBody,
    responses((status = 200, description = "It is set.", body = DoneView))
)]
pub(crate) async fn reset_password(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<ResetPasswordBody>,
) -> Result<Json<DoneView>, Problem> {
    let place = app.passwords.place(app.counted(client))?;
    // No transaction is held while a password is hashed: the link is looked at again when it is used up.
    let mut tx = app.kit.database.begin("follow_reset").await?;
    let asked = account_requests::follow(&app, &mut tx, Purpose::PasswordReset, &request.token).await?;
    let account = match asked.account() {
        Some(account_id) => accounts::find(&mut tx, account_id).await.map_err(Error::from)?,
        None => None,
    };
    let person = account.ok_or(Error::UnknownLink)?.person;
    let _read = tx.commit().await.map_err(Error::from)?;
    let about = [&*person.first_name, &person.last_name, &person.email];
    let new = Password::parse(&request.new_password, &about).map_err(|why| Problem::field("/new_password", why))?;
    let hash = app.passwords.hash(place, &new).await?;
    let mut tx = app.kit.database.begin("reset_password").await?;
    account_requests::reset_password(&app, &mut tx, &asked, &hash, client).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(done("Your password is set: log in with it. All sessions have ended."))
}
