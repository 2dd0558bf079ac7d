//! `POST /auth/change-password`: another password, by who knows the one before. All other sessions end.

use super::tokens::done;
use crate::{
    Error,
    changes::{account_requests, end_sessions},
    domain::Password,
    proof,
    state::App,
};
use axum::{Json, extract::State};
use contracts::api::account::{ChangePasswordBody, DoneView};
use service_kit::{ClientAddress, Problem, auth::SignedIn, extract::Body};

/// Changes the password. The session that asks goes on; all others end, and so do mailed links for a new password.
#[utoipa::path(
    post, path = "/auth/change-password", tag = "accounts", security(("bearer" = [])),
    request_body = ChangePasswordBody,
    responses(
        (status = 200, description = "It is changed.", body = DoneView),
        (status = 403, description = "`wrong_password`: it is not the one until now."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn change_password(
    person: SignedIn,
    address: ClientAddress,
    State(app): State<App>,
    Body(request): Body<ChangePasswordBody>,
) -> Result<Json<DoneView>, Problem> {
    let client = app.counted(address);
    let account = proof::by_password(&app, client, person.account_id, &request.password).await?;
    let about = [&*account.person.first_name, &account.person.last_name, &account.person.email];
    let new = Password::parse(&request.new_password, &about).map_err(|why| Problem::field("/new_password", why))?;
    let hash = app.passwords.hash(app.passwords.place(client)?, &new).await?;
    let mut tx = app.kit.database.begin("change_password").await?;
    account_requests::password_changed(&app, &mut tx, account.id, &hash, address).await?;
    end_sessions::all_but(&app, &mut tx, account.id, person.session_id).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(done("Your password is changed, and all other sessions have ended."))
}
