//! `POST /auth/forgot-password`: asks for a link to a new password. Nothing tells whether the address has an account: what
//! is done here is the same, and a job looks afterwards.

use super::tokens::done;
use crate::{Error, changes::account_requests, domain::Email, state::App};
use axum::{Json, extract::State};
use contracts::api::account::{DoneView, ForgotPasswordBody};
use http::StatusCode;
use service_kit::{ClientAddress, Problem, auth::Anybody, extract::Body};

/// Mails a link that works once, for an hour, to the address if it has an account.
#[utoipa::path(
    post, path = "/auth/forgot-password", tag = "accounts", request_body = ForgotPasswordBody,
    responses(
        (status = 202, description = "Taken; a mail follows where there is an account.", body = DoneView),
        (status = 429, description = "`too_many_mails`: so many were asked for lately.")
    )
)]
pub(crate) async fn forgot_password(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<ForgotPasswordBody>,
) -> Result<(StatusCode, Json<DoneView>), Problem> {
    let email = Email::parse(&request.email).map_err(|why| Problem::field("/email", why))?;
    app.mails.count(app.counted(client), &email).map_err(Error::from)?;
    let mut tx = app.kit.database.begin("forgot_password").await?;
    account_requests::forgot_password(&app, &mut tx, &email).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok((
        StatusCode::ACCEPTED,
        done("If this address has an account, a mail with a link to a new password is on its way."),
    ))
}
